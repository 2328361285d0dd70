// The linear transformer and the residual network as PyTorch modules.
#include <fmt/format.h>

#include "app/code/pytorch_parts.h"

namespace plateau::code {

std::string linear_transformer_code(const study::Settings& settings) {
  const auto& model = settings.model;
  const auto d = settings.task.dimension, n = settings.task.context;
  const bool dense = model.parametrisation == "dense", features = model.feature_width > 0;
  std::string code = fmt::format(R"(class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Parameter({std} * torch.randn(2 * {depth}, {width}, {width}))  # P and Q of each layer
)",
                                 fmt::arg("std", model.init_std), fmt::arg("depth", model.depth),
                                 fmt::arg("width", dense ? d + 1 : d));
  if (features)
    code += fmt::format("        self.expand, self.contract = nn.Linear({0}, {1}), nn.Linear({1}, {0})\n", d,
                        model.feature_width);
  code += "\n    def forward(self, z):\n";
  if (features)
    code += fmt::format("        x = self.contract(F.relu(self.expand(z[..., :{0}])))\n"
                        "        z = torch.cat([x, z[..., {0}:]], 2)\n",
                        d);
  code += fmt::format("        for p, q in zip(self.layers[0::2], self.layers[1::2]):\n");
  if (!dense)
    code += fmt::format("            p, q = F.pad(p, (0, 1, 0, 1)), F.pad(q, (0, 1, 0, 1))\n"
                        "            p = p + F.pad(torch.ones(1, 1, device=p.device), ({0}, 0, {0}, 0))  # "
                        "responses as they are\n",
                        d);
  code += "            scores = z @ q @ z.transpose(1, 2)\n";
  if (model.mixing == "softmax") code += "            scores = scores.softmax(-1)\n";
  if (model.mixing == "relu") code += "            scores = scores.relu()\n";
  code += fmt::format(
      "            z = z + {}scores[..., :{}] @ (z[:, :{}] @ p.t())  # the query is never a key\n",
      model.context_average ? fmt::format("1 / {} * ", n) : "", n, n);
  return code + fmt::format("        return -z[:, {}, {}]\n", n, d);
}

std::string resnet_code(const study::Settings& settings) {
  return fmt::format(R"(def convolution(inputs, outputs, size, stride):
    layer = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.norm1 = convolution(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = convolution(outputs, outputs, 3, 1), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        branch = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(branch)) + self.shortcut(x))


class Model(nn.Module):
    def __init__(self, base={base}):
        super().__init__()
        self.stem, self.stem_norm = convolution(3, base, 7, 2), nn.BatchNorm2d(base)
        widths = [base, base, 2 * base, 4 * base, 8 * base]
        self.stages = nn.Sequential(*(Block(widths[i], widths[i + 1], 1 if i == 0 else 2) for i in range(4)))
        self.readout = nn.Linear(8 * base, {classes})  # with PyTorch's own start

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.stem_norm(self.stem(images))), 3, 2, 1)
        return self.readout(self.stages(x).mean((2, 3)))
)",
                     fmt::arg("base", settings.model.base_channels),
                     fmt::arg("classes", task_shape(settings.task).outputs()));
}

} // namespace plateau::code
