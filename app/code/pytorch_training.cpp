// The loss, the schedules and the training loop in PyTorch.
#include <fmt/format.h>

#include "app/code/pytorch_parts.h"

namespace plateau::code {
namespace {

bool asks_for_classes(const study::Settings& s) {
  return s.task.kind != "linear-regression";
}
bool has_extra_loss(const study::Settings& s) {
  return s.strategy.extra_loss > 0 && task_shape(s.task).attributes > 0;
}
bool subtracts_initial(const study::Settings& s) {
  return s.model.subtract_initial && asks_for_classes(s);
}
bool has_temperatures(const study::Settings& s) {
  return is_transformer(s) && s.attention.schedule != "constant";
}
/// Are the weights decayed by PyTorch's own AdamW?
bool own_decay(const study::OptimizerSettings& o) {
  return o.kind == "adamw" && o.decay_unit == "learning-rate";
}

std::string label_loss(const study::TrainingSettings& t) {
  const std::string targets = fmt::format(R"(    targets = torch.full_like(logits, {0} / logits.shape[-1])
    targets = targets.scatter_add(-1, labels.clamp_min(0).unsqueeze(-1), torch.full_like(logits[:, :1], 1 - {0}))
)",
                                          t.label_smoothing);
  if (t.loss == "stablemax")
    return targets + R"(    s = torch.where(logits >= 0, logits + 1, 1 / (1 - logits.clamp_max(0)))
    rows = -(targets * (s.log() - s.sum(-1, keepdim=True).log())).sum(-1)
    loss = rows[labels >= 0].mean()
)";
  if (t.loss == "squared")
    return targets + "    loss = (logits - targets).square().mean(-1)[labels >= 0].mean()\n";
  return fmt::format("    loss = F.cross_entropy(logits, labels, label_smoothing={}, ignore_index=-1)\n",
                     t.label_smoothing);
}

std::string loss_code(const study::Settings& s) {
  if (!asks_for_classes(s))
    return "def loss_of(predictions, targets):\n    return (predictions - targets).square().mean()\n";
  const auto shape = task_shape(s.task);
  const bool more_outputs = shape.outputs() > shape.classes, extra = has_extra_loss(s);
  std::string code = fmt::format("def loss_of(logits, labels{}):\n", extra ? ", extra" : "");
  code += fmt::format("    logits, labels = logits.flatten(0, -2){}, labels.flatten()\n",
                      s.training.loss_precision == "float64" ? ".double()" : "");
  if (extra) {
    const bool rule = s.strategy.extra_target == "rule";
    const auto begin = shape.classes + (rule ? shape.attributes * shape.levels : 0);
    const auto levels = rule ? shape.rules : shape.levels, groups = rule ? 1 : shape.attributes;
    code += fmt::format("    asked = logits[labels >= 0, {}:{}].reshape(-1, {})  # of the second loss\n",
                        begin, begin + groups * levels, levels);
  }
  if (more_outputs) code += fmt::format("    logits = logits[:, :{}]\n", shape.classes);
  code += label_loss(s.training);
  return code +
         (extra ? fmt::format("    return loss + {} * F.cross_entropy(asked, extra)\n", s.strategy.extra_loss)
                : "    return loss\n");
}

std::string rate_code(const study::Settings& s) {
  const auto& o = s.optimizer;
  std::string code = "def learning_rate(step):\n";
  if (o.schedule == "cosine")
    code +=
        fmt::format("    rate = {1} + 0.5 * ({0} - {1}) * (1 + math.cos(math.pi * min(1, step / steps)))\n",
                    o.learning_rate, o.minimum_learning_rate);
  else
    code += fmt::format("    rate = {}\n", o.learning_rate);
  if (o.warmup_steps > 0)
    code += fmt::format("    if step < {0}:\n        rate *= (step + 1) / {0}\n", o.warmup_steps);
  const bool divided = o.readout_rate == "inverse-square" && s.model.kind == "arithmetic-transformer";
  return code +
         (divided ? fmt::format("    return rate / {} ** 2\n", s.model.readout_scale) : "    return rate\n");
}

std::string temperature_code(const study::Settings& s) {
  if (!has_temperatures(s)) return "";
  const auto& a = s.attention;
  const double portion = a.schedule == "cosine" ? 1 : a.schedule_portion;
  return fmt::format(R"(

def temperature(step):
    done = min(1, step / ({} * steps))
    left = {}
    return 1 / (1 / {last} + (1 / {first} - 1 / {last}) * left)
)",
                     portion, a.schedule == "linear" ? "1 - done" : "0.5 * (1 + math.cos(math.pi * done))",
                     fmt::arg("last", a.temperature), fmt::arg("first", a.schedule_start));
}

std::string optimizer_code(const study::Settings& s) {
  const auto& o = s.optimizer;
  std::string code =
      "parameters = list(model.parameters())\nfor p in parameters:\n    p.grad = torch.zeros_like(p)\n";
  if (s.model.kind == "arithmetic-transformer")
    code += "decayed = parameters  # all of them, also biases, norms and positions\n";
  else
    code += "decayed = [p for name, p in model.named_parameters()\n"
            "           if p.dim() > 1 and \"position\" not in name and \"class_token\" not in name]\n";
  if (own_decay(o))
    code +=
        fmt::format(R"(groups = [{{"params": decayed, "weight_decay": {decay}}},
          {{"params": [p for p in parameters if all(p is not q for q in decayed)], "weight_decay": 0.0}}]
optimizer = torch.optim.AdamW(groups, lr={rate}, betas=({beta1}, {beta2}), eps={epsilon})
)",
                    fmt::arg("decay", o.weight_decay), fmt::arg("rate", o.learning_rate),
                    fmt::arg("beta1", o.beta1), fmt::arg("beta2", o.beta2), fmt::arg("epsilon", o.epsilon));
  else if (o.kind == "adamw")
    code += fmt::format(
        "optimizer = torch.optim.AdamW(parameters, lr={}, betas=({}, {}), eps={}, weight_decay=0.0)\n",
        o.learning_rate, o.beta1, o.beta2, o.epsilon);
  else if (o.kind == "sgd")
    code += fmt::format("optimizer = torch.optim.SGD(parameters, lr={}, momentum={})\n", o.learning_rate,
                        o.momentum);
  else
    code += "velocity = [torch.zeros_like(p) for p in parameters]\n";
  if (o.modifier == "grokfast") code += "slow = []\n";
  return code;
}

/// What is done to the gradients before the update.
std::string modifiers(const study::Settings& s) {
  const auto& o = s.optimizer;
  std::string code;
  if (o.gradient_rescaling != "none" && is_transformer(s)) {
    const auto heads = o.gradient_rescaling == "per-head-to-value" ? "heads" : "1";
    code += fmt::format("for block in model.blocks:\n    parts = block.qkv.weight.grad.view(3, {}, -1)\n"
                        "    size = parts.abs().mean(-1, keepdim=True)\n"
                        "    parts *= {} / size.clamp_min(1e-30)\n",
                        heads, o.gradient_rescaling == "mean" ? "parts.abs().mean()" : "size[2:]");
  }
  if (o.modifier == "perpendicular")
    code += R"(for p in parameters:  # perpendicular to the weights, as long as before
    length = p.grad.norm()
    p.grad -= p * ((p * p.grad).sum() / (p * p).sum().clamp_min(1e-30))
    left = p.grad.norm()
    p.grad *= torch.where(left > 1e-6 * length, length / left.clamp_min(1e-30), torch.zeros_like(left))
)";
  if (o.modifier == "grokfast")
    code += fmt::format(R"(slow = slow or [p.grad.clone() for p in parameters]
for s, p in zip(slow, parameters):
    if step > 0:
        s.mul_({0}).add_(p.grad, alpha=1 - {0})
    p.grad.add_(s, alpha={1})
)",
                        o.grokfast_memory, o.grokfast_gain);
  if (o.clip_norm > 0) code += fmt::format("torch.nn.utils.clip_grad_norm_(parameters, {})\n", o.clip_norm);
  return code;
}

std::string total_norm(const char* name) {
  return fmt::format("{} = torch.cat([p.double().flatten() for p in parameters]).norm()\n", name);
}

std::string update(const study::Settings& s) {
  const auto& o = s.optimizer;
  std::string code = modifiers(s);
  if (o.constant_norm) code += total_norm("before");
  if (o.kind == "sign-momentum" || o.kind == "normalised-gradient")
    code += fmt::format("for v, p in zip(velocity, parameters):\n    v.mul_({}).add_(p.grad)\n", o.momentum);
  if (!own_decay(o) && o.weight_decay > 0)
    code += fmt::format("for p in decayed:\n    p.mul_(1 - {}{})\n", o.decay_unit == "step" ? "" : "rate * ",
                        o.weight_decay);
  if (o.kind == "sign-momentum")
    code += "for v, p in zip(velocity, parameters):\n    p.sub_(rate * v.sign())\n";
  else if (o.kind == "normalised-gradient")
    code += "length = torch.cat([v.flatten() for v in velocity]).norm().clamp_min(1e-30)\n"
            "for v, p in zip(velocity, parameters):\n    p.sub_(rate * v / length)\n";
  else
    code += "for group in optimizer.param_groups:\n    group[\"lr\"] = rate\noptimizer.step()\n";
  if (o.constant_norm) code += total_norm("after") + "for p in parameters:\n    p.mul_(before / after)\n";
  return code;
}

/// Answers to `inputs` at `step`.
std::string predict(const study::Settings& s) {
  const std::string temperature = has_temperatures(s) ? ", temperature=temperature(step)" : "";
  std::string code = fmt::format("def predict(inputs, step):\n    outputs = model(*inputs{})\n", temperature);
  if (subtracts_initial(s))
    code += fmt::format(
        "    with torch.no_grad():\n        start = initial(*inputs{})\n    outputs = outputs - start\n",
        temperature);
  return code + "    return outputs\n";
}

std::string validation_code(const study::Settings& s) {
  std::string code = R"(@torch.no_grad()
def validate(step):
    model.eval()
    outputs = predict(validation_inputs, step).double()
)";
  if (!asks_for_classes(s))
    return code + "    validation = (outputs - validation_labels).square().mean()\n"
                  "    return f\"validation {validation:.4f}\"\n";
  const auto shape = task_shape(s.task);
  if (shape.outputs() > shape.classes)
    code += fmt::format("    outputs = outputs[..., :{}]\n", shape.classes);
  code += "    outputs, labels = outputs.flatten(0, -2), validation_labels.flatten()\n";
  if (s.training.loss == "squared")
    code += "    targets = F.one_hot(labels.clamp_min(0), outputs.shape[-1])\n"
            "    validation = (outputs - targets).square().mean(-1)[labels >= 0].mean()\n";
  else
    code += "    validation = F.cross_entropy(outputs, labels, ignore_index=-1)\n";
  return code + "    right = (outputs.argmax(-1) == labels)[labels >= 0].double().mean()\n"
                "    return f\"validation {validation:.4f}  accuracy {right:.4f}\"\n";
}

} // namespace

std::string why_no_training(const study::Settings& s) {
  if (s.training.precision != "float32")
    return fmt::format("training.precision = {} rounds inside Plateau's own kernels", s.training.precision);
  if (s.optimizer.kind == "adamw" && s.optimizer.epsilon == 0)
    return "optimizer.epsilon = 0: PyTorch's AdamW divides 0 by 0 where there is no gradient";
  return "";
}

std::string training_code(const study::Settings& s) {
  std::string code =
      loss_code(s) + "\n\n" + rate_code(s) + temperature_code(s) + "\n\nmodel = Model().to(device)\n";
  if (subtracts_initial(s))
    code += "initial = copy.deepcopy(model).eval()  # what it answers is taken away\n";
  code += "print(\"parameters\", sum(p.numel() for p in model.parameters()))\n" + optimizer_code(s);
  code += "\n\n" + predict(s) + "\n\n" + validation_code(s);
  const auto size = s.training.batch_size;
  std::string drawn = fmt::format("batch({})", size);
  if (s.task.kind == "factor-labels" && s.strategy.fixed_first > 0)
    drawn = fmt::format("batch({}, fixed_share=1.0 if step < {} else {})", size, s.strategy.fixed_first,
                        s.strategy.fixed_share);
  else if (s.task.kind == "factor-labels" && s.strategy.fixed_share > 0)
    drawn = fmt::format("batch({}, fixed_share={})", size, s.strategy.fixed_share);
  const bool extra = has_extra_loss(s);
  return code + fmt::format(R"(

for step in range(steps):
    inputs, {targets} = {drawn}
    if step == 0:
        untrained = validate(0)  # training mode changes a ResNet's running means
    model.train()
    for p in parameters:
        p.grad.zero_()
    loss = loss_of(predict(inputs, step), {targets})
    loss.backward()
    if step == 0:
        print(f"step 0  loss {{loss:.4f}}  {{untrained}}", flush=True)
    with torch.no_grad():
        rate = learning_rate(step)
{update}    if (step + 1) % {every} == 0 or step + 1 == steps:
        print(f"step {{step + 1}}  loss {{loss:.4f}}  {{validate(step + 1)}}", flush=True)
)",
                            fmt::arg("targets", extra ? "labels, extra" : "labels"), fmt::arg("drawn", drawn),
                            fmt::arg("update", indented(update(s), 8)),
                            fmt::arg("every", s.training.evaluate_every));
}

} // namespace plateau::code
