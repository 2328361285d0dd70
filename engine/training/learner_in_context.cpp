// What comes from the context and what from the weights (icl-plateaus.md 5.3, 7.4): the formulas of
// probes/in_context.h on the validation set, with linear probes made from sequences that training draws from.
#include <algorithm>
#include <string>

#include "engine/models/transformer.h"
#include "engine/probes/cross_entropy.h"
#include "engine/probes/in_context.h"
#include "engine/probes/spectrum.h"
#include "engine/training/learner.h"

namespace plateau::training {
namespace {

using Kind = tasks::InputShape::Kind;

/// What linear probes are made from comes from a step that no training reaches, nor the noise probe.
constexpr std::int64_t probe_step = std::int64_t(1) << 41;
constexpr std::int64_t rule_sequences = 256; // one place of each
constexpr std::int64_t item_sequences = 64;  // all items of each, to make probes and to test them

/// Sequences by their items: every other token of pairs, every token where all are read, else the last.
struct Items {
  Items(const tasks::Batch& batch, const tasks::InputShape& shape, const tasks::ExtraOutputs& extra) {
    const bool pairs = shape.kind == Kind::Pairs;
    const std::int64_t first = shape.outputs == 1 ? shape.positions - 1 : 0;
    const auto whole = torch::TensorOptions(torch::kInt64);
    const auto outputs = torch::arange(0, shape.outputs, pairs ? 2 : 1, whole);
    places = outputs + first;
    const auto of_outputs = [&](const std::vector<std::int64_t>& values, std::int64_t width) {
      return torch::from_blob(const_cast<std::int64_t*>(values.data()), {batch.count, shape.outputs, width},
                              whole)
          .index_select(1, outputs);
    };
    labels = of_outputs(batch.labels, 1).squeeze(-1);
    if (extra.attributes > 0) attributes = of_outputs(batch.attributes, extra.attributes);
    if (extra.rules > 0) rules = torch::tensor(batch.rules, whole);
    if (pairs) vectors = input_tensor(batch, shape).index_select(1, places);
  }

  torch::Tensor places;     // [I] in a sequence
  torch::Tensor labels;     // [B, I], -1: not asked for
  torch::Tensor attributes; // [B, I, attributes]; undefined: there are none
  torch::Tensor rules;      // [B]; undefined: there are none
  torch::Tensor vectors;    // [B, I, item width], of pairs
};

/// What linear probes for the items' attributes are made from or tested on.
struct KnownItems {
  KnownItems(const Items& items, std::int64_t sequences) {
    const auto all = items.attributes.slice(0, 0, sequences).flatten(0, 1);
    rows = (all >= 0).all(1).nonzero().squeeze(1);
    attributes = all.index_select(0, rows);
  }
  /// [known items, d] of [B, I, d].
  torch::Tensor of(const torch::Tensor& states) const { return states.flatten(0, 1).index_select(0, rows); }

  torch::Tensor rows, attributes;
};

/// On the CPU.
struct Reading {
  /// Per layer [B, I, d]; before the last layer perhaps of the last item only.
  std::vector<torch::Tensor> states;
  torch::Tensor logits; // [B, I, outputs]
};

/// A learner's model as it is at one step, over sets of sequences.
class Passes {
public:
  Passes(Learner& learner, const torch::Device& device, std::int64_t step, std::int64_t planned_steps)
      : learner_(learner), device_(device), step_(step), planned_steps_(planned_steps) {}

  /// [B, …, outputs] on the device.
  torch::Tensor logits(const torch::Tensor& inputs) const {
    std::vector<torch::Tensor> parts;
    for (const auto& part : in_parts(inputs))
      parts.push_back(learner_.forward(part, step_, planned_steps_, nullptr));
    return torch::cat(parts);
  }

  enum class Layers { Every, Last }; // of which all items are wanted
  Reading states(const torch::Tensor& inputs, const Items& items, models::Mixing mixing,
                 Layers wanted) const {
    std::vector<std::vector<torch::Tensor>> states(std::size_t(learner_.settings.model.depth));
    std::vector<torch::Tensor> logits;
    const auto places = items.places.to(device_), last = places.slice(0, places.size(0) - 1);
    for (const auto& part : in_parts(inputs)) {
      models::Activations seen;
      const auto answers = learner_.forward(part, step_, planned_steps_, &seen, mixing);
      logits.push_back(answers.dim() == 2 ? answers.unsqueeze(1) : answers.index_select(1, places));
      for (std::size_t layer = 0; layer < states.size(); ++layer) {
        const bool all = wanted == Layers::Every || layer + 1 == states.size();
        states[layer].push_back(seen.hidden.at(layer).index_select(1, all ? places : last));
      }
    }
    const auto joined = [](const std::vector<torch::Tensor>& parts) {
      return torch::cat(parts).to(torch::kCPU, torch::kFloat32);
    };
    Reading reading{{}, joined(logits)};
    for (const auto& layer : states) reading.states.push_back(joined(layer));
    return reading;
  }

  /// Attention of each layer [B, heads, N, N] on the device.
  std::vector<torch::Tensor> attention(const torch::Tensor& inputs) const {
    models::Activations seen;
    learner_.forward(inputs, step_, planned_steps_, &seen);
    return seen.attention;
  }

private:
  /// As many at once as in training: the fused path keeps memory for each batch size.
  std::vector<torch::Tensor> in_parts(const torch::Tensor& inputs) const {
    return inputs.split(std::max<std::int64_t>(learner_.settings.training.batch_size, 1));
  }

  Learner& learner_;
  torch::Device device_;
  std::int64_t step_, planned_steps_;
};

/// Of the outputs beyond the classes, whether they are trained or not. `logits` [B, I, classes + extra].
void second_losses(const torch::Tensor& logits, const Items& items, std::int64_t classes,
                   const tasks::ExtraOutputs& extra, probes::Output& output) {
  const auto of_attributes = extra.attributes * extra.levels;
  if (items.attributes.defined()) {
    auto shape = items.attributes.sizes().vec();
    shape.push_back(extra.levels);
    output.add(
        "loss/attributes",
        probes::cross_entropy(logits.narrow(-1, classes, of_attributes).reshape(shape), items.attributes));
  }
  if (items.rules.defined())
    output.add("loss/rule",
               probes::cross_entropy(logits.select(1, -1).narrow(-1, classes + of_attributes, extra.rules),
                                     items.rules));
}

/// component/weights-score* and component/item-score: what of the items' attributes a linear probe finds.
void item_probes(const Passes& passes, const ValidationSet& training, const Items& training_items,
                 const ValidationSet& validation, const Items& items, std::int64_t levels,
                 probes::Output& output) {
  const KnownItems known(training_items, item_sequences), tested(items, item_sequences);
  const auto score = [&](const torch::Tensor& from, const torch::Tensor& on) {
    return probes::RidgeProbe(known.of(from), known.attributes, levels)
        .accuracy(tested.of(on), tested.attributes);
  };
  for (const auto& [metric, mixing] : {std::pair{"component/weights-score", models::Mixing::Identity},
                                       std::pair{"component/weights-score-self", models::Mixing::Self},
                                       std::pair{"component/weights-score-none", models::Mixing::None}}) {
    const auto states = [&](const ValidationSet& set, const Items& of) {
      return passes.states(set.inputs.slice(0, 0, item_sequences), of, mixing, Passes::Layers::Every).states;
    };
    const auto from = states(training, training_items), on = states(validation, items);
    for (std::size_t layer = 0; layer < from.size(); ++layer)
      output.add(probes::metric_name(metric, int(layer) + 1), score(from[layer], on[layer]));
  }
  if (items.vectors.defined())
    output.add("component/item-score", score(training_items.vectors, items.vectors));
}

/// context/rule-score*: does the state of an item know the rule of its sequence? Per layer states [B, I, d].
void rule_probes(const std::vector<torch::Tensor>& made_from, const torch::Tensor& known_rules,
                 const std::vector<torch::Tensor>& tested, const torch::Tensor& rules, std::int64_t count,
                 probes::Output& output) {
  const auto score = [&](const torch::Tensor& from, const torch::Tensor& on, std::int64_t item) {
    return probes::RidgeProbe(from.select(1, item), known_rules.unsqueeze(1), count)
        .accuracy(on.select(1, item), rules.unsqueeze(1));
  };
  for (std::size_t layer = 0; layer < tested.size(); ++layer)
    output.add(probes::metric_name("context/rule-score", int(layer) + 1),
               score(made_from[layer], tested[layer], -1));
  for (std::int64_t item = 0; item < tested.back().size(1); ++item)
    output.add("context/rule-score-by-position/position" + std::to_string(item + 1),
               score(made_from.back(), tested.back(), item));
}

} // namespace

void Learner::measure_in_context(std::int64_t step, std::int64_t planned_steps, probes::Output& output) {
  const auto& task = *data_->task;
  const auto shape = task.shape();
  if (settings.model.kind != "decoder") return;
  const torch::NoGradGuard no_grad;
  const auto classes = task.classes();
  const auto extra = task.extra_outputs();
  const Passes passes(*this, device_, step, planned_steps);

  for (const auto& [name, set] : data_->more)
    output.add("accuracy/" + name,
               probes::answer_share(passes.logits(set.inputs).narrow(-1, 0, classes), set.labels));

  // h_L, w_L and c_L where something is asked, and what each would answer alone.
  const auto& validation = data_->validation;
  const Items items(validation.batch, shape, extra);
  const auto look = [&](const ValidationSet& set, const Items& of, models::Mixing mixing) {
    return passes.states(set.inputs, of, mixing, Passes::Layers::Last);
  };
  const auto full = look(validation, items, models::Mixing::Attention);
  const auto weights = look(validation, items, models::Mixing::Identity);
  const auto asked = (items.labels >= 0).flatten().nonzero().squeeze(1);
  const auto at_asked = [&](const torch::Tensor& values) {
    return values.flatten(0, 1).index_select(0, asked);
  };
  const auto states = at_asked(full.states.back()), of_weights = at_asked(weights.states.back());
  const auto labels = items.labels.flatten().index_select(0, asked);
  const auto right_answers = [&](const torch::Tensor& component) {
    const auto logits = models::read_out(*model_, component.to(device_)).narrow(-1, 0, classes);
    return probes::answer_share(logits.to(torch::kCPU), labels);
  };
  output.add("component/answers-weights", right_answers(of_weights));
  output.add("component/answers-context", right_answers(states - of_weights));

  const auto eigenvalues = probes::spectrum(states);
  output.add("features/effective-rank", probes::effective_rank(eigenvalues));
  output.add("features/stable-rank", probes::stable_rank(eigenvalues));
  if (validation.batch.count > 1)
    output.add("features/pairwise-cosine", probes::pairwise_cosine(full.states.back().select(1, -1)));
  output.add("features/logit-deviation",
             probes::logit_deviation(at_asked(full.logits).narrow(-1, 0, classes)));

  const auto samples = std::min(settings.probes.samples, validation.batch.count);
  probes::head_scores(passes.attention(validation.inputs.slice(0, 0, samples)),
                      probes::lookups(validation.batch, shape, classes, samples), output);

  if (extra.count() == 0) return;
  second_losses(full.logits, items, classes, extra, output);
  const bool has_rules = items.rules.defined();
  const ValidationSet training(
      task.training_batch(data_seed(), probe_step, has_rules ? rule_sequences : item_sequences), shape,
      device_);
  const Items training_items(training.batch, shape, extra);
  if (items.attributes.defined())
    item_probes(passes, training, training_items, validation, items, extra.levels, output);
  if (has_rules)
    rule_probes(look(training, training_items, models::Mixing::Attention).states, training_items.rules,
                full.states, items.rules, extra.rules, output);
}

} // namespace plateau::training
