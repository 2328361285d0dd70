// Vision transformer, decoder and arithmetic transformer as a PyTorch module.
#include <cmath>

#include <fmt/format.h>

#include "app/code/pytorch_parts.h"
#include "engine/models/shapes.h"

namespace plateau::code {
namespace {

using models::TransformerShape;
using Placement = TransformerShape::Placement;

constexpr const char* known_variants[] = {
    "softmax",         "norm-softmax", "norm-softmax-std", "softmax-plus-one",
    "clipped-softmax", "soft-cap",     "sigmoid",          "relu"};

std::string norm(const TransformerShape& s) {
  return s.norm_kind == TransformerShape::NormKind::Rms
             ? fmt::format("RMSNorm(width, {})", s.epsilon)
             : fmt::format("nn.LayerNorm(width, eps={})", s.epsilon);
}

std::string rms_norm_class(const TransformerShape& s) {
  if (s.norm_kind != TransformerShape::NormKind::Rms) return "";
  return R"(

class RMSNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight
)";
}

std::string drop_path_function(const TransformerShape& s) {
  if (s.drop_path <= 0) return "";
  return R"(

def drop_path(branch, rate, training):
    """Leaves the branch out of a sample with this probability."""
    if rate == 0 or not training:
        return branch
    return branch * torch.empty(branch.shape[0], 1, 1, device=branch.device).bernoulli_(1 - rate) / (1 - rate)
)";
}

/// A branch as it is added to the stream.
std::string added(const TransformerShape& s, const std::string& branch) {
  return s.drop_path > 0 ? fmt::format("drop_path({}, self.drop_rate, self.training)", branch) : branch;
}

std::string block_parts(const TransformerShape& s) {
  std::string code;
  const auto add = [&](const std::string& line) { code += "        self." + line + "\n"; };
  const bool peri = s.placement == Placement::Peri, post = s.placement == Placement::Post;
  const auto add_norm = [&](const char* name, bool used) {
    add(fmt::format("{} = {}{}", name, norm(s), used ? "" : "  # read by nothing: it only decays"));
  };
  if (s.drop_path > 0)
    add(fmt::format("drop_rate = {}{}", s.drop_path,
                    s.depth > 1 ? fmt::format(" * index / {}", s.depth - 1) : " * 0"));
  if (s.attention_norm) add_norm("norm1", post || s.norm_queries || s.norm_values);
  add("qkv = nn.Linear(width, 3 * width, bias=False)");
  add(fmt::format("projection = nn.Linear(width, width, bias={})", s.output_bias ? "True" : "False"));
  if (s.mlp_norm) add_norm("norm2", post || (s.norm_mlp && s.hidden > 0));
  if (s.hidden > 0) {
    add("expand = nn.Linear(width, hidden)");
    add("contract = nn.Linear(hidden, width)");
  }
  if (peri && s.attention_norm) add_norm("norm1_after", true);
  if (peri && s.mlp_norm) add_norm("norm2_after", s.hidden > 0);
  return code;
}

std::string projected(const TransformerShape& s) {
  const bool queries = s.queries_normalised(), values = s.values_normalised();
  if (queries == values)
    return fmt::format(
        "        q, k, v = self.qkv({}).view(batch, tokens, 3, heads, -1).permute(2, 0, 3, 1, 4)\n",
        queries ? "self.norm1(x)" : "x");
  const auto heads_of = [](const char* input, const char* rows, int parts) {
    return fmt::format(
        "F.linear({}, self.qkv.weight[{}]).view(batch, tokens, {}, heads, -1).permute(2, 0, 3, 1, 4)", input,
        rows, parts);
  };
  return fmt::format("        q, k = {}\n        v, = {}\n",
                     heads_of(queries ? "self.norm1(x)" : "x", ":2 * width", 2),
                     heads_of(values ? "self.norm1(x)" : "x", "2 * width:", 1));
}

std::string block_forward(const TransformerShape& s, const study::AttentionSettings& attention) {
  const bool peri = s.placement == Placement::Peri, post = s.placement == Placement::Post;
  std::string code = R"(
    def forward(self, x, temperature):
        batch, tokens, _ = x.shape
        tau = temperature * math.sqrt(width // heads)
)" + projected(s) + "        scores = q @ k.transpose(-2, -1)\n";
  if (s.causal)
    code += "        visible = torch.ones(tokens, tokens, dtype=torch.bool, device=x.device).tril()\n";
  code += indented(attention_code(attention, s.causal), 8);
  code += "        out = self.projection(mixed.transpose(1, 2).reshape(batch, tokens, width))\n";
  code += fmt::format("        x = x + {}\n", added(s, peri ? "self.norm1_after(out)" : "out"));
  if (post && s.attention_norm) code += "        x = self.norm1(x)\n";
  if (s.hidden > 0) {
    const auto activation = s.activation == TransformerShape::Activation::Relu ? "F.relu" : "F.gelu";
    code += fmt::format("        out = self.contract({}(self.expand({})))\n", activation,
                        s.mlp_normalised() ? "self.norm2(x)" : "x");
    code += fmt::format("        x = x + {}\n", added(s, peri ? "self.norm2_after(out)" : "out"));
    if (post && s.mlp_norm) code += "        x = self.norm2(x)\n";
  }
  return code + "        return x\n";
}

std::string embedding_parts(const TransformerShape& s) {
  std::string code;
  if (s.has_images())
    code +=
        fmt::format("        self.embedding = nn.Linear({}, width)  # of patches, with PyTorch's own start\n"
                    "        self.class_token = nn.Parameter(torch.empty(1, 1, width))\n",
                    s.pixels());
  else
    code += fmt::format("        self.embedding = nn.Embedding({}, width)\n", s.vocabulary);
  if (s.has_items()) code += fmt::format("        self.items = nn.Linear({}, width)\n", s.item_width);
  return code + fmt::format("        self.position = nn.Parameter(torch.empty(1, {}, width))\n", s.positions);
}

std::string normal_start(const TransformerShape& s) {
  std::string code = "        for name, p in self.named_parameters():\n";
  if (s.has_images()) code += "            if name.startswith(\"embedding\"):\n                continue\n";
  code += "            if p.dim() > 1:\n";
  if (s.output_scale == 1) {
    code += fmt::format("                nn.init.normal_(p, 0, {})\n", s.init_std);
  } else {
    code +=
        fmt::format("                output = \"projection\" in name or \"contract\" in name\n"
                    "                nn.init.normal_(p, 0, {0} / math.sqrt(2 * depth) if output else {0})\n",
                    s.init_std);
  }
  return code + "            elif name.endswith(\"bias\"):\n                nn.init.zeros_(p)\n";
}

std::string arithmetic_start(const TransformerShape& s) {
  std::string code = R"(        for name, p in self.named_parameters():
            if "embedding" in name or "readout" in name:
                nn.init.normal_(p, 0, 1 / math.sqrt(width))
            elif "position" in name:
                nn.init.normal_(p, 0, 0.02)
            elif "qkv" in name:  # Xavier's, of the whole 3d x d matrix
                nn.init.uniform_(p, -math.sqrt(6 / (4 * width)), math.sqrt(6 / (4 * width)))
            elif p.dim() > 1:  # LeCun's normal, cut off at two standard deviations
                std = 1 / math.sqrt(p.shape[1])
                nn.init.trunc_normal_(p, 0, std, -2 * std, 2 * std)
            elif name.endswith("bias"):
                nn.init.zeros_(p)
)";
  if (s.init_scale != 1)
    code += fmt::format("        with torch.no_grad():\n            for p in self.parameters():\n"
                        "                p.mul_({})\n",
                        s.init_scale);
  return code;
}

std::string model_forward(const TransformerShape& s, const std::string& temperature) {
  std::string code;
  if (s.has_images())
    code = fmt::format(R"(
    def forward(self, images, temperature={temperature}):
        batch = images.shape[0]
        patches = images.view(batch, {channels}, {rows}, {patch}, {columns}, {patch}).permute(0, 2, 4, 1, 3, 5)
        x = self.embedding(patches.reshape(batch, {patches}, {pixels}))
        x = torch.cat([self.class_token.expand(batch, 1, -1), x], 1) + self.position
)",
                       fmt::arg("temperature", temperature), fmt::arg("channels", s.channels),
                       fmt::arg("rows", s.rows), fmt::arg("columns", s.columns), fmt::arg("patch", s.patch),
                       fmt::arg("patches", s.patches()), fmt::arg("pixels", s.pixels()));
  else if (s.has_items())
    code = fmt::format(R"(
    def forward(self, items, labels, temperature={}):
        x = torch.stack([self.items(items), self.embedding(labels)], 2).flatten(1, 2)  # item, label, item, …
        x = x + self.position
)",
                       temperature);
  else
    code = fmt::format(R"(
    def forward(self, tokens, temperature={}):
        x = self.embedding(tokens) + self.position
)",
                       temperature);
  code += "        for block in self.blocks:\n            x = block(x, temperature)\n";
  if (s.read != TransformerShape::Read::All)
    code += fmt::format("        x = x[:, {}]\n", s.read == TransformerShape::Read::First ? "0" : "-1");
  const std::string read = s.final_norm ? "self.readout(self.norm(x))" : "self.readout(x)";
  return code + "        return " +
         (s.readout_scale == 1 ? read : fmt::format("{} * {}", s.readout_scale, read)) + "\n";
}

} // namespace

TransformerShape transformer_shape(const study::Settings& settings) {
  const auto& task = settings.task;
  const auto shape = task_shape(task);
  tasks::InputShape input;
  using Kind = tasks::InputShape::Kind;
  if (task.kind == "two-step-image")
    input = {.kind = Kind::Images, .channels = 3, .height = 2 * task.cell_size, .width = 2 * task.cell_size};
  else if (task.kind == "modular-arithmetic")
    input = {.kind = Kind::Tokens, .vocabulary = task.modulus + 1, .positions = 3};
  else if (task.kind == "associative-recall")
    input = {.kind = Kind::Tokens, .vocabulary = 2 * task.symbols, .positions = 2 * task.pairs + 1};
  else if (task.kind == "markov-chains")
    input = {
        .kind = Kind::Tokens, .vocabulary = task.symbols, .positions = task.length, .outputs = task.length};
  else
    input = {.kind = Kind::Pairs,
             .vocabulary = shape.classes,
             .positions = 2 * task.pairs,
             .outputs = 2 * task.pairs,
             .item_width = task.item_width};
  if (settings.model.kind == "vision-transformer")
    return models::vision_transformer_shape(settings.model, input, shape.outputs());
  if (settings.model.kind == "decoder") return models::decoder_shape(settings.model, input, shape.outputs());
  return models::arithmetic_shape(settings.model, input, shape.outputs());
}

std::string why_no_transformer(const study::Settings& settings) {
  for (const auto* variant : known_variants)
    if (settings.attention.variant == variant) return "";
  return fmt::format("attention.variant = {} is not written in plain PyTorch here",
                     settings.attention.variant);
}

std::string transformer_code(const study::Settings& settings) {
  const auto s = transformer_shape(settings);
  const auto temperature =
      settings.attention.schedule == "constant" ? fmt::format("{}", settings.attention.temperature) : "1";
  std::string code =
      fmt::format("width, heads, depth, hidden = {}, {}, {}, {}\n", s.width, s.heads, s.depth, s.hidden) +
      rms_norm_class(s) + drop_path_function(s) +
      fmt::format(R"(

class Block(nn.Module):
    def __init__(self{}):
        super().__init__()
)",
                  s.drop_path > 0 ? ", index" : "");
  code += block_parts(s) + block_forward(s, settings.attention);
  code += R"(

class Model(nn.Module):
    def __init__(self):
        super().__init__()
)" + embedding_parts(s);
  code += fmt::format("        self.blocks = nn.ModuleList(Block({}) for {} in range(depth))\n",
                      s.drop_path > 0 ? "index" : "", s.drop_path > 0 ? "index" : "_");
  if (s.final_norm) code += fmt::format("        self.norm = {}\n", norm(s));
  code += fmt::format("        self.readout = nn.Linear(width, {}, bias={})\n", s.classes,
                      s.readout_bias ? "True" : "False");
  code += s.initialisation == TransformerShape::Initialisation::Arithmetic ? arithmetic_start(s)
                                                                           : normal_start(s);
  return code + model_forward(s, temperature);
}

} // namespace plateau::code
