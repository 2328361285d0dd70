#include "engine/training/transformer_stack.h"

#include <cmath>

namespace plateau::training {

namespace {

/// x [K, R, in] -> [K, R, out], each member by its own weight [K, out, in] and bias [K, out].
torch::Tensor linear(const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& x) {
  const auto transposed = weight.transpose(1, 2);
  return bias.defined() ? torch::baddbmm(bias.unsqueeze(1), x, transposed) : torch::bmm(x, transposed);
}

bool attend_alike(const models::ForwardOptions& a, const models::ForwardOptions& b) {
  return a.variant == b.variant && a.temperature == b.temperature && *a.attention == *b.attention;
}

} // namespace

TransformerStack::TransformerStack(const models::TransformerShape& shape,
                                   const std::vector<optim::ParameterBuffer::Slice>& slices,
                                   const torch::Tensor& values, const torch::Tensor& gradients)
    : shape_(shape) {
  const auto parameter = [&](const std::string& name) {
    for (const auto& slice : slices) {
      if (slice.name != name) continue;
      auto size = slice.shape;
      std::int64_t count = 1;
      for (const auto extent : size) count *= extent;
      size.insert(size.begin(), values.size(0));
      auto part = values.narrow(1, slice.begin, count).view(size).detach().requires_grad_();
      parameters_.push_back(part);
      gradients_.push_back(gradients.narrow(1, slice.begin, count).view(size));
      return part;
    }
    return torch::Tensor();
  };
  const auto affine = [&](const std::string& name) {
    return Affine{parameter(name + ".weight"), parameter(name + ".bias")};
  };
  embedding_ = affine("embedding");
  items_ = affine("items");
  class_token_ = parameter("class_token");
  position_ = parameter("position");
  for (std::int64_t i = 1; i <= shape.depth; ++i) {
    const auto block = "block" + std::to_string(i) + ".";
    blocks_.push_back({affine(block + "norm1"), affine(block + "qkv"), affine(block + "projection"),
                       affine(block + "norm2"), affine(block + "expand"), affine(block + "contract"),
                       affine(block + "norm1_after"), affine(block + "norm2_after")});
  }
  norm_ = affine("norm");
  readout_ = affine("readout");
}

torch::Tensor TransformerStack::embed(const torch::Tensor& inputs) const {
  const auto members = inputs.size(0), batch = inputs.size(1), d = shape_.width;
  if (!shape_.has_images()) {
    const auto whole = inputs.options().dtype(torch::kInt64);
    const auto table = [&](const torch::Tensor& numbers) { // [K, B, N]
      const auto first_row = torch::arange(members, whole).view({members, 1, 1}) * shape_.vocabulary;
      return torch::embedding(embedding_.weight.reshape({members * shape_.vocabulary, d}),
                              numbers + first_row);
    };
    if (!shape_.has_items()) return table(inputs);
    const auto even = torch::arange(shape_.positions, whole).remainder(2) == 0;
    const auto labels = table(inputs.select(3, 0).masked_fill(even, 0).to(torch::kInt64));
    const auto items =
        linear(items_.weight, items_.bias, inputs.reshape({members, -1, shape_.item_width})).view_as(labels);
    return torch::where(even.view({1, 1, -1, 1}), items, labels);
  }
  const auto patch = shape_.patch, patches = shape_.patches();
  const auto rows =
      inputs.reshape({members * batch, shape_.channels, shape_.rows, patch, shape_.columns, patch})
          .permute({0, 2, 4, 1, 3, 5})
          .reshape({members, batch * patches, shape_.pixels()});
  const auto tokens = linear(embedding_.weight, embedding_.bias, rows).view({members, batch, patches, d});
  if (!shape_.class_token) return tokens;
  return torch::cat({class_token_.expand({members, batch, 1, d}), tokens}, 2); // its own [K, 1, 1, d]
}

torch::Tensor TransformerStack::normalise(const Affine& norm, const torch::Tensor& x) const {
  if (!norm.weight.defined()) return x;
  if (shape_.norm_kind == models::TransformerShape::NormKind::Rms)
    return x * torch::rsqrt(x.square().mean(-1, /*keepdim=*/true) + shape_.epsilon) *
           norm.weight.unsqueeze(1);
  const auto normalised = torch::layer_norm(x, {shape_.width}, {}, {}, shape_.epsilon);
  return torch::addcmul(norm.bias.unsqueeze(1), normalised, norm.weight.unsqueeze(1));
}

torch::Tensor TransformerStack::drop_path(const torch::Tensor& branch, std::int64_t block,
                                          std::span<const models::ForwardOptions> members) const {
  const double rate = shape_.drop_rate(block);
  if (rate <= 0) return branch;
  const auto count = branch.size(0), batch = branch.size(1) / shape_.positions;
  std::vector<torch::Tensor> keep;
  for (const auto& options : members)
    keep.push_back(torch::empty({batch, 1, 1}, branch.options().requires_grad(false))
                       .bernoulli_(1 - rate, *options.generator));
  return (branch.view({count, batch, shape_.positions, -1}) * torch::stack(keep) / (1 - rate))
      .view_as(branch);
}

torch::Tensor TransformerStack::attend(const Block& block, const torch::Tensor& x,
                                       const torch::Tensor& values,
                                       std::span<const models::ForwardOptions> members) const {
  const auto count = x.size(0), tokens = shape_.positions, batch = x.size(1) / tokens;
  const auto heads = shape_.heads, head_width = shape_.width / heads;
  const auto split = 2 * shape_.width; // weights before are queries' and keys', those behind are values'
  const auto all = x.is_same(values) ? linear(block.qkv.weight, {}, x)
                                     : torch::cat({linear(block.qkv.weight.slice(1, 0, split), {}, x),
                                                   linear(block.qkv.weight.slice(1, split), {}, values)},
                                                  -1);
  const auto parts = all.view({count, batch, tokens, 3, heads, head_width}).permute({3, 0, 1, 4, 2, 5});
  torch::Tensor visible;
  if (shape_.causal) visible = torch::ones({tokens, tokens}, x.options().dtype(torch::kBool)).tril();
  const double sqrt_dk = std::sqrt(double(head_width));
  std::vector<torch::Tensor> outputs; // of each run of members that attend alike
  for (std::size_t first = 0, end = 0; first < members.size(); first = end) {
    while (end < members.size() && attend_alike(members[first], members[end])) ++end;
    const auto of_run = [&](const torch::Tensor& all) { // their batches in one
      return all.narrow(0, std::int64_t(first), std::int64_t(end - first)).flatten(0, 1);
    };
    const auto& options = members[first];
    attention::Layer layer{
        of_run(parts[0]), of_run(parts[1]), of_run(parts[2]), {}, visible, {}, options.attention, nullptr, 0};
    layer.scale = {options.temperature * sqrt_dk, sqrt_dk};
    outputs.push_back(attention::attend(*options.variant, layer).output); // [run B, H, N, d_k]
  }
  const auto mixed = outputs.size() == 1 ? outputs[0] : torch::cat(outputs);
  return linear(block.projection.weight, block.projection.bias,
                mixed.transpose(1, 2).reshape({count, batch * tokens, shape_.width}));
}

torch::Tensor TransformerStack::forward(const torch::Tensor& inputs,
                                        std::span<const models::ForwardOptions> members) const {
  const auto count = inputs.size(0), batch = inputs.size(1), tokens = shape_.positions, d = shape_.width;
  auto x = (embed(inputs) + position_).view({count, batch * tokens, d}); // position_ [K, 1, N, d]
  using Shape = models::TransformerShape;
  const bool post = shape_.placement == Shape::Placement::Post;
  const bool queries = shape_.queries_normalised(), values = shape_.values_normalised();
  for (std::int64_t i = 0; i < shape_.depth; ++i) {
    const auto& block = blocks_[std::size_t(i)];
    const auto normalised = queries || values ? normalise(block.norm1, x) : x;
    const auto mixed = attend(block, queries ? normalised : x, values ? normalised : x, members);
    x = x + drop_path(normalise(block.norm1_after, mixed), i, members);
    if (post) x = normalise(block.norm1, x);
    if (!block.expand.weight.defined()) continue;
    const auto inner = linear(block.expand.weight, block.expand.bias,
                              shape_.mlp_normalised() ? normalise(block.norm2, x) : x);
    const auto active = shape_.activation == Shape::Activation::Relu ? inner.relu() : torch::gelu(inner);
    const auto processed = linear(block.contract.weight, block.contract.bias, active);
    x = x + drop_path(normalise(block.norm2_after, processed), i, members);
    if (post) x = normalise(block.norm2, x);
  }
  using Read = Shape::Read;
  if (shape_.read != Read::All)
    x = x.view({count, batch, tokens, d}).select(2, shape_.read == Read::First ? 0 : tokens - 1);
  auto logits = linear(readout_.weight, readout_.bias, normalise(norm_, x));
  if (shape_.readout_scale != 1) logits = logits * shape_.readout_scale;
  return shape_.read == Read::All ? logits.view({count, batch, tokens, shape_.classes}) : logits;
}

void TransformerStack::backward(const torch::Tensor& loss) {
  // Not by .grad(): LibTorch warns of gradients with gaps between their rows.
  const auto gradients = torch::autograd::grad({loss}, parameters_, {}, {}, false, /*allow_unused=*/true);
  for (std::size_t i = 0; i < gradients.size(); ++i)
    gradients[i].defined() ? gradients_[i].copy_(gradients[i]) : gradients_[i].zero_(); // norms nobody asks
}

} // namespace plateau::training
