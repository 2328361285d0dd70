// What comes from the context and what from the weights (icl-plateaus.md 5.3, 7.4): the formulas of
// probes/in_context.h on the validation set, with linear probes made from sequences that training draws from.
#include <algorithm>
#include <string>

#include "engine/probes/in_context.h"
#include "engine/training/learner.h"

namespace plateau::training {
namespace {

using torch::Tensor;
using Kind = tasks::InputShape::Kind;

/// What linear probes are made from comes from a step that no training reaches, nor the noise probe.
constexpr std::int64_t probe_step = std::int64_t(1) << 41;
constexpr std::int64_t rule_sequences = 512; // one place of each
constexpr std::int64_t item_sequences = 128; // all items of each, to make probes and to test them

/// Sequences by their items: every other token of pairs, every token where all are read, else the last.
struct Items {
  Items(const tasks::Batch& batch, const tasks::InputShape& shape, std::int64_t attribute_count) {
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
    if (attribute_count > 0) attributes = of_outputs(batch.attributes, attribute_count);
    if (!batch.rules.empty()) rules = torch::tensor(batch.rules, whole);
    if (pairs) vectors = input_tensor(batch, shape).index_select(1, places);
  }

  Tensor places;     // [I] in a sequence
  Tensor labels;     // [B, I], -1: not asked for
  Tensor attributes; // [B, I, attributes]; undefined: there are none
  Tensor rules;      // [B]; undefined: there are none
  Tensor vectors;    // [B, I, item width], of pairs
};

/// What linear probes for the items' attributes are made from or tested on.
struct KnownItems {
  KnownItems(const Items& items, std::int64_t sequences) {
    const auto all = items.attributes.slice(0, 0, sequences).flatten(0, 1);
    rows = (all >= 0).all(1).nonzero().squeeze(1);
    attributes = all.index_select(0, rows);
  }
  /// [known items, d] of [B, I, d].
  Tensor of(const Tensor& states) const { return states.flatten(0, 1).index_select(0, rows); }

  Tensor rows, attributes;
};

/// On the CPU.
struct Reading {
  std::vector<Tensor> states; // per layer [B, I, d]; before the last layer perhaps of the last item only
  Tensor logits;              // [B, I, outputs]
};

} // namespace

void Learner::measure_in_context(std::int64_t step, std::int64_t planned_steps, probes::Output& output) {
  const auto& task = *data_->task;
  const auto shape = task.shape();
  if (!model_->transformer_shape() || (shape.kind != Kind::Tokens && shape.kind != Kind::Pairs)) return;
  const torch::NoGradGuard no_grad;
  const auto classes = task.classes();
  const auto extra = task.extra_outputs();
  const auto batch_size = settings.training.batch_size > 0 ? settings.training.batch_size : rule_sequences;

  /// Calls action(slice) for parts of as many sequences as a training batch has.
  const auto in_parts = [&](const Tensor& inputs, const auto& action) {
    for (std::int64_t begin = 0; begin < inputs.size(0); begin += batch_size)
      action(inputs.slice(0, begin, std::min(begin + batch_size, inputs.size(0))));
  };
  const auto look = [&](const Tensor& inputs, const Items& items, models::Mixing mixing, bool all_layers) {
    std::vector<std::vector<Tensor>> states(std::size_t(model_->transformer_shape()->depth));
    std::vector<Tensor> logits;
    const auto places = items.places.to(device_), last = places.slice(0, places.size(0) - 1);
    in_parts(inputs, [&](const Tensor& part) {
      models::Activations seen;
      const auto answers = forward(part, step, planned_steps, &seen, mixing);
      logits.push_back(answers.dim() == 2 ? answers.unsqueeze(1) : answers.index_select(1, places));
      for (std::size_t layer = 0; layer < states.size(); ++layer) {
        const bool whole = all_layers || layer + 1 == states.size();
        states[layer].push_back(seen.hidden.at(layer).index_select(1, whole ? places : last));
      }
    });
    Reading reading{{}, torch::cat(logits).to(torch::kCPU, torch::kFloat32)};
    for (const auto& layer : states)
      reading.states.push_back(torch::cat(layer).to(torch::kCPU, torch::kFloat32));
    return reading;
  };

  for (const auto& [name, set] : data_->more) {
    std::vector<Tensor> answers;
    in_parts(set.inputs, [&](const Tensor& part) {
      answers.push_back(forward(part, step, planned_steps, nullptr).narrow(-1, 0, classes));
    });
    output.add("accuracy/" + name, probes::answer_share(torch::cat(answers), set.labels));
  }

  // The whole state, and that of the weights alone.
  const auto& validation = data_->validation;
  const Items items(validation.batch, shape, extra.attributes);
  const auto full = look(validation.inputs, items, models::Mixing::Attention, false);
  const auto weights = look(validation.inputs, items, models::Mixing::Identity, false);
  const auto asked = (items.labels >= 0).flatten().nonzero().squeeze(1);
  const auto at_asked = [&](const Tensor& values) { return values.flatten(0, 1).index_select(0, asked); };
  const auto labels = at_asked(items.labels);
  const auto answers = [&](const Tensor& states) {
    const auto logits = model_->read(states.to(device_)).narrow(-1, 0, classes);
    return probes::answer_share(logits.to(torch::kCPU), labels);
  };
  const auto states = at_asked(full.states.back()), of_weights = at_asked(weights.states.back());
  output.add("component/answers-weights", answers(of_weights));
  output.add("component/answers-context", answers(states - of_weights));

  const auto eigenvalues = probes::spectrum(states);
  output.add("features/effective-rank", probes::effective_rank(eigenvalues));
  output.add("features/stable-rank", probes::stable_rank(eigenvalues));
  if (validation.batch.count > 1)
    output.add("features/pairwise-cosine", probes::pairwise_cosine(full.states.back().select(1, -1)));
  output.add("features/logit-deviation",
             probes::logit_deviation(at_asked(full.logits).narrow(-1, 0, classes)));

  models::Activations seen;
  const auto samples = std::min(settings.probes.samples, validation.batch.count);
  forward(validation.inputs.slice(0, 0, samples), step, planned_steps, &seen);
  probes::head_scores(seen.attention, probes::lookups(validation.batch, shape, classes, samples), output);

  if (extra.count() == 0) return;
  // Second losses, whether they are trained with or not.
  const auto attribute_logits = extra.attributes * extra.levels;
  if (items.attributes.defined()) {
    auto sizes = items.attributes.sizes().vec();
    sizes.push_back(extra.levels);
    output.add("loss/attributes",
               probes::cross_entropy(full.logits.narrow(-1, classes, attribute_logits).reshape(sizes),
                                     items.attributes));
  }
  if (items.rules.defined())
    output.add("loss/rule", probes::cross_entropy(
                                full.logits.select(1, -1).narrow(-1, classes + attribute_logits, extra.rules),
                                items.rules));

  // Linear probes, made from sequences of training.
  const auto data_seed = settings.training.data_seed >= 0 ? settings.training.data_seed : seed;
  const auto made_from = items.rules.defined() ? rule_sequences : item_sequences;
  const ValidationSet training(task.training_batch(data_seed, probe_step, made_from), shape, device_);
  const Items training_items(training.batch, shape, extra.attributes);
  if (items.attributes.defined()) {
    const KnownItems known(training_items, item_sequences), tested(items, item_sequences);
    const auto score = [&](const Tensor& from, const Tensor& on) {
      return probes::RidgeProbe(known.of(from), known.attributes, extra.levels)
          .accuracy(tested.of(on), tested.attributes);
    };
    for (const auto& [metric, mixing] : {std::pair{"component/weights-score", models::Mixing::Identity},
                                         std::pair{"component/weights-score-self", models::Mixing::Self},
                                         std::pair{"component/weights-score-none", models::Mixing::None}}) {
      const auto from = look(training.inputs.slice(0, 0, item_sequences), training_items, mixing, true);
      const auto on = look(validation.inputs.slice(0, 0, item_sequences), items, mixing, true);
      for (std::size_t layer = 0; layer < from.states.size(); ++layer)
        output.add(probes::metric_name(metric, int(layer) + 1), score(from.states[layer], on.states[layer]));
    }
    if (items.vectors.defined())
      output.add("component/item-score", score(training_items.vectors, items.vectors));
  }
  if (items.rules.defined()) {
    const auto from = look(training.inputs, training_items, models::Mixing::Attention, false);
    const auto made = training_items.rules.unsqueeze(1), right = items.rules.unsqueeze(1);
    const auto score = [&](const Tensor& known, const Tensor& tested) {
      return probes::RidgeProbe(known, made, extra.rules).accuracy(tested, right);
    };
    for (std::size_t layer = 0; layer < full.states.size(); ++layer)
      output.add(probes::metric_name("context/rule-score", int(layer) + 1),
                 score(from.states[layer].select(1, -1), full.states[layer].select(1, -1)));
    for (std::int64_t item = 0; item < items.places.size(0); ++item)
      output.add("context/rule-score-by-position/position" + std::to_string(item + 1),
                 score(from.states.back().select(1, item), full.states.back().select(1, item)));
  }
}

} // namespace plateau::training
