// How a task's data are made, in PyTorch.
#include <fmt/format.h>

#include "app/code/pytorch_parts.h"
#include "engine/tasks/image_data.h"

namespace plateau::code {
namespace {

std::string operation(const study::TaskSettings& task) {
  if (task.operation == "subtract") return "(a - b) % p";
  if (task.operation == "multiply") return "a * b % p";
  if (task.operation == "divide") return "a * pow(b, -1, p) % p";
  if (task.operation == "quadratic") return "(a * a + a * b + b * b) % p";
  return "(a + b) % p";
}

std::string modular_arithmetic(const study::Settings& settings) {
  const auto& task = settings.task;
  const bool all = settings.training.batch_size == 0;
  return fmt::format(
      R"(# (a, b, "=") for all pairs, and the answer; a part of them is trained on.
p = {p}
pairs = [(a, b) for a in range(p) for b in range({first}p)]
tokens = torch.tensor([(a, b, p) for a, b in pairs], device=device)
answers = torch.tensor([{operation} for a, b in pairs], device=device)
order = torch.randperm(len(pairs), device=device)
tests = max(1, min(len(pairs) - 1, int((1 - {share}) * len(pairs) + 1e-6)))
training, test = order[:-tests], order[-tests:][:{validation}]
validation_inputs, validation_labels = (tokens[test],), answers[test]


def batch(count):
    drawn = {drawn}
    return (tokens[drawn],), answers[drawn]
)",
      fmt::arg("p", task.modulus), fmt::arg("first", task.operation == "divide" ? "1, " : ""),
      fmt::arg("operation", operation(task)), fmt::arg("share", task.train_share),
      fmt::arg("validation", task.validation_samples),
      fmt::arg("drawn", all ? "training  # the whole training set"
                            : "training[torch.randperm(len(training), device=device)[:count]]"));
}

std::string linear_regression(const study::Settings& settings) {
  const auto& task = settings.task;
  std::string code =
      fmt::format("# Prompts of {} examples (x, y) and a query whose y is asked for.\n", task.context);
  const bool network = task.targets == "random-mlp";
  if (network)
    code += fmt::format(
        "network = nn.Sequential(nn.Linear({0}, {1}), nn.ReLU(), nn.Linear({1}, {0})).to(device)  # fixed\n",
        task.dimension, 2 * task.dimension);
  code += fmt::format(R"(

def batch(count):
    x = torch.randn(count, {n} + 1, {d}, device=device)
)",
                      fmt::arg("n", task.context), fmt::arg("d", task.dimension));
  if (task.covariates == "sphere") code += "    x = x / x.norm(dim=-1, keepdim=True)\n";
  if (task.covariates == "gamma")
    code += fmt::format(
        "    k, theta = torch.tensor([{0}, math.sqrt(10 / {0})], dtype=torch.float64)\n"
        "    squared_length = torch.distributions.Gamma(k, 1 / theta).sample((count, {1} + 1, 1))\n"
        "    x = x / x.norm(dim=-1, keepdim=True) * squared_length.sqrt().float().to(device)\n",
        task.gamma_shape, task.context);
  return code + fmt::format(R"(    w = torch.randn(count, {d}, 1, device=device)
    {y}
    z = torch.cat([x, y], 2)
    z[:, -1, -1] = 0
    return (z,), y[:, -1, 0]


validation_inputs, validation_labels = batch({validation})
)",
                            fmt::arg("d", task.dimension),
                            fmt::arg("y", network ? "with torch.no_grad():\n        y = network(x) @ w"
                                                  : "y = x @ w"),
                            fmt::arg("validation", task.validation_samples));
}

std::string associative_recall(const study::Settings& settings) {
  const auto& task = settings.task;
  return fmt::format(R"(# {pairs} pairs of key and value, then one of the keys: which value belongs to it?
pairs, symbols = {pairs}, {symbols}


def batch(count):
    keys = torch.rand(count, symbols, device=device).argsort(1)[:, :pairs]  # none twice
    values = torch.randint(symbols, 2 * symbols, (count, pairs), device=device)
    asked = torch.randint(pairs, (count, 1), device=device)
    shown = torch.stack([keys, values], 2).flatten(1)
    return (torch.cat([shown, keys.gather(1, asked)], 1),), values.gather(1, asked)[:, 0] - symbols


validation_inputs, validation_labels = batch({validation})
)",
                     fmt::arg("pairs", task.pairs), fmt::arg("symbols", task.symbols),
                     fmt::arg("validation", task.validation_samples));
}

std::string markov_chains(const study::Settings& settings) {
  const auto& task = settings.task;
  return fmt::format(R"(# Each sequence is a Markov chain with random transitions of its own.
states, length = {states}, {length}


def batch(count):
    transitions = torch.distributions.Dirichlet(torch.ones(states)).sample((count, states)).to(device)
    chain = [torch.randint(states, (count,), device=device)]
    for _ in range(length):
        rows = transitions[torch.arange(count, device=device), chain[-1]]
        chain.append(torch.multinomial(rows, 1)[:, 0])
    chain = torch.stack(chain, 1)
    return (chain[:, :-1],), chain[:, 1:]


validation_inputs, validation_labels = batch({validation})
)",
                     fmt::arg("states", task.symbols), fmt::arg("length", task.length),
                     fmt::arg("validation", task.validation_samples));
}

std::string factor_labels(const study::Settings& settings) {
  const auto& task = settings.task;
  const auto& strategy = settings.strategy;
  const bool mixed = strategy.fixed_share > 0 || strategy.fixed_first > 0, extra = strategy.extra_loss > 0;
  std::string code = fmt::format(
      R"(# Items of a grid of factors. In each sequence one factor, the rule, decides the labels, by one of many mappings.
pairs, factors, levels, item_width, mappings = {pairs}, {factors}, {levels}, {width}, {mappings}
cells = levels ** factors
level = torch.stack([torch.arange(cells) // levels ** (factors - 1 - f) % levels for f in range(factors)], 1)
items = torch.zeros(cells, item_width, dtype=torch.float64)
for f in range(factors):
    items += {effect} * torch.randn(levels, item_width, dtype=torch.float64)[level[:, f]]
    for g in range(f + 1, factors):  # of two factors together, without what each says alone
        table = torch.randn(levels, levels, item_width, dtype=torch.float64)
        table -= table.mean(1, keepdim=True)
        table -= table.mean(0, keepdim=True)
        items += table[level[:, f], level[:, g]]
items = ((items - items.mean(0)) / items.std(0, unbiased=False)).float().to(device)
level = level.to(device)
label_of = torch.rand(factors, mappings, levels, device=device).argsort(-1)  # [rule, mapping, level]
order = torch.randperm(cells, device=device)
held_out = max(1, min(cells - 1, round({share} * cells)))


def batch(count, cells_shown=order[:-held_out]{share_argument}):
    rule = torch.randint(factors, (count, 1), device=device)
    mapping = torch.randint(mappings, (count, 1), device=device)
{fixed}    cell = cells_shown[torch.randint(len(cells_shown), (count, pairs), device=device)]
    shown = items[cell] + {noise} * torch.randn(count, pairs, item_width, device=device)
    label = label_of[rule, mapping, level[cell].gather(2, rule.unsqueeze(1).expand(-1, pairs, 1))[..., 0]]
    asked = torch.stack([label, torch.full_like(label, -1)], 2).flatten(1)  # an item asks for its label
    {result}


validation_inputs, validation_labels = batch({validation}, order[-held_out:])[:2]
)",
      fmt::arg("pairs", task.pairs), fmt::arg("factors", task.factors), fmt::arg("levels", task.levels),
      fmt::arg("width", task.item_width), fmt::arg("mappings", task.mappings),
      fmt::arg("effect", task.main_effect), fmt::arg("share", task.validation_share),
      fmt::arg("noise", task.item_noise), fmt::arg("share_argument", mixed ? ", fixed_share=0.0" : ""),
      fmt::arg("fixed", mixed ? "    mapping[torch.rand(count, device=device) < fixed_share] = 0\n" : ""),
      fmt::arg("result", !extra ? "return (shown, label), asked"
                         : strategy.extra_target == "rule"
                             ? "return (shown, label), asked, rule.repeat_interleave(pairs)"
                             : "return (shown, label), asked, level[cell].flatten()"),
      fmt::arg("validation", task.validation_samples));
  return code;
}

/// Which classes are indicators, the two groups, as Python lists.
std::string groups(const study::TaskSettings& task, bool digits) {
  if (task.variant == "indicator-groups") return digits ? "[1, 2], [3, 4]" : "[1, 5], [8, 9]";
  return digits ? "[1], [2]" : "[1], [8]";
}

std::string two_step_image(const study::Settings& settings) {
  const auto& task = settings.task;
  const auto mnist = tasks::find_mnist(task);
  const auto fashion = tasks::load_fashion_mnist(task.cell_size);
  const bool digits = mnist.images != nullptr, any = task.variant == "any-position";
  return fmt::format(
      R"(# Two indicators and two targets on one canvas: indicators of the same kind, the {same} target counts, else the other.
def read(folder, split, cell={cell}):
    """Images [count, cell, cell] from 0 to 1, averaged over areas, and labels."""
    def content(name, header):
        path = os.path.join(folder, name)
        opened = gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb")
        with opened as file:
            return torch.frombuffer(bytearray(file.read()[header:]), dtype=torch.uint8)
    images = content(split + "-images-idx3-ubyte", 16).view(-1, 28, 28).float() / 255
    edges = torch.arange(29.0)
    begin = torch.arange(cell).unsqueeze(1) * 28 / cell
    overlap = (torch.minimum(edges[1:], begin + 28 / cell) - torch.maximum(edges[:-1], begin)).clamp_min(0)
    overlap = overlap * cell / 28  # [cell, 28], rows sum to 1
    return (overlap @ images @ overlap.t()).to(device), content(split + "-labels-idx1-ubyte", 8).long().to(device)


class Data:
    groups = {groups}  # of classes

    def __init__(self, split):
        self.targets, self.labels = read({fashion}, split)
        self.indicators, kinds = {indicators}
        self.pool = [torch.cat([(kinds == kind).nonzero()[:, 0] for kind in group]) for group in self.groups]


training, held_out = Data("train"), Data("t10k")
colours = torch.tensor([[1.0, 0, 0], [0, 0, 1]], device=device)  # of indicators; targets are white


def draw(count, data):
    pool, firsts = torch.cat(data.pool), len(data.pool[0])
    one, two = torch.randint(len(pool), (2, count), device=device)
{forced}    same = (one < firsts) == (two < firsts)
    a, b = torch.randint(len(data.targets), (2, count), device=device)
    kinds = colours[torch.randint(2, (2, count), device=device)]
    white = torch.ones(count, 3, device=device)
    cells = torch.stack([data.indicators[pool[one]], data.targets[a], data.targets[b], data.indicators[pool[two]]], 1)
    tints = torch.stack([kinds[0], white, white, kinds[1]], 1)
{positions}    tints = tints + {noise} * torch.randn_like(tints)
    painted = cells.unsqueeze(2) * tints[..., None, None]  # [count, 4, 3, cell, cell]
    rows = [torch.cat([painted[:, i], painted[:, i + 1]], -1) for i in (0, 2)]
    return (torch.cat(rows, -2),), torch.where(same, data.labels[a], data.labels[b])


def batch(count):
    return draw(count, training)


validation_inputs, validation_labels = draw({validation}, held_out)
)",
      fmt::arg("same", any ? "top row's" : "top right"), fmt::arg("cell", task.cell_size),
      fmt::arg("groups", groups(task, digits)), fmt::arg("fashion", python_string(fashion->folder)),
      fmt::arg("indicators", digits ? fmt::format("read({}, split)", python_string(mnist.images->folder))
                                    : "self.targets, self.labels"),
      fmt::arg("forced", task.same_probability == 0.5
                             ? ""
                             : fmt::format(R"(    forced = torch.rand(count, device=device) < {}
    group = torch.where(one < firsts, torch.rand(count, device=device) * firsts,
                        firsts + torch.rand(count, device=device) * (len(pool) - firsts)).long()
    two = torch.where(forced, group, two)
)",
                                           task.same_probability)),
      fmt::arg("positions",
               !any ? ""
                    : R"(    swap = torch.rand(count, 2, device=device) < 0.5  # indicator and target of a row
    swaps = torch.stack([swap[:, 0].long(), 1 - swap[:, 0].long(), 2 + swap[:, 1].long(), 3 - swap[:, 1].long()], 1)
    row = torch.arange(count, device=device).unsqueeze(1)
    cells, tints = cells[row, swaps], tints[row, swaps]
)"),
      fmt::arg("noise", task.color_noise), fmt::arg("validation", task.validation_samples));
}

} // namespace

TaskShape task_shape(const study::TaskSettings& task) {
  if (task.kind == "two-step-image") return {.classes = 10};
  if (task.kind == "modular-arithmetic") return {.classes = task.modulus + 1};
  if (task.kind == "associative-recall" || task.kind == "markov-chains") return {.classes = task.symbols};
  if (task.kind == "factor-labels")
    return {.classes = task.levels, .attributes = task.factors, .levels = task.levels, .rules = task.factors};
  return {}; // linear-regression
}

std::string why_no_task(const study::TaskSettings& task) {
  if (task.kind == "text" || task.kind == "in-context-classification")
    return fmt::format("task.kind = {} is not written in plain PyTorch here", task.kind);
  if (task.kind == "two-step-image" && task.variant != "fixed-position" &&
      task.variant != "indicator-groups" && task.variant != "any-position")
    return fmt::format("task.variant = {} is not written in plain PyTorch here", task.variant);
  return "";
}

std::string task_code(const study::Settings& settings) {
  const auto& kind = settings.task.kind;
  if (kind == "modular-arithmetic") return modular_arithmetic(settings);
  if (kind == "linear-regression") return linear_regression(settings);
  if (kind == "associative-recall") return associative_recall(settings);
  if (kind == "markov-chains") return markov_chains(settings);
  if (kind == "factor-labels") return factor_labels(settings);
  return two_step_image(settings);
}

} // namespace plateau::code
