#include <algorithm>

#include "engine/probes/in_context.h"

namespace plateau::probes {
namespace {

using Kind = tasks::InputShape::Kind;

/// One sequence of a batch, by place.
class Sequence {
public:
  Sequence(const tasks::Batch& batch, const tasks::InputShape& shape, std::int64_t classes,
           std::int64_t sample)
      : batch_(batch), shape_(shape), sample_(sample), first_class_(shape.vocabulary - classes) {
    if (batch.attributes.empty() || batch.rules.empty()) return;
    attributes_ = std::int64_t(batch.attributes.size()) / (batch.count * shape.outputs);
    const auto rule = batch.rules[std::size_t(sample)];
    if (rule < attributes_) rule_ = rule; // stays -1 where there is none
  }

  std::int64_t token(std::int64_t place) const { return batch_.tokens[index(place)]; }
  /// -1 where nothing is asked.
  std::int64_t label(std::int64_t place) const {
    if (shape_.outputs == shape_.positions) return batch_.labels[index(place)];
    return place == shape_.positions - 1 ? batch_.labels[std::size_t(sample_)] : -1;
  }
  /// Of a pair, as the model is given it.
  std::int64_t shown_label(std::int64_t place) const {
    return std::int64_t(batch_.items[index(place) * std::size_t(shape_.item_width)]);
  }
  std::int64_t shown_class(std::int64_t place) const { return token(place) - first_class_; }
  bool items_agree(std::int64_t a, std::int64_t b) const {
    return rule_ < 0 ? token(a) == token(b) : attribute(a) == attribute(b);
  }

private:
  std::size_t index(std::int64_t place) const { return std::size_t(sample_ * shape_.positions + place); }
  std::int64_t attribute(std::int64_t place) const {
    return batch_.attributes[index(place) * std::size_t(attributes_) + std::size_t(rule_)];
  }

  const tasks::Batch& batch_;
  const tasks::InputShape& shape_;
  std::int64_t sample_, first_class_, attributes_ = 0, rule_ = -1;
};

void add_some(std::vector<Glance>& glances, Glance glance) {
  if (!glance.keys.empty()) glances.push_back(std::move(glance));
}

} // namespace

Lookups lookups(const tasks::Batch& batch, const tasks::InputShape& shape, std::int64_t classes,
                std::int64_t samples) {
  Lookups all;
  const bool pairs = shape.kind == Kind::Pairs;
  for (std::int64_t sample = 0; sample < std::min(samples, batch.count); ++sample) {
    const Sequence sequence(batch, shape, classes, sample);
    for (std::int64_t query = 1; query < shape.positions; query += pairs ? 2 : 1)
      all.previous.push_back({sample, query, {query - 1}});
    for (std::int64_t query = 0; query < shape.positions; ++query) {
      const auto label = sequence.label(query);
      if (label < 0) continue;
      Glance induction{sample, query, {}}, right{sample, query, {}};
      if (pairs) {
        for (std::int64_t item = 0; item < query; item += 2) {
          if (sequence.items_agree(item, query)) induction.keys.push_back(item + 1);
          if (sequence.shown_label(item + 1) == label) right.keys.push_back(item + 1);
        }
      } else {
        for (std::int64_t key = 0; key <= query; ++key) {
          if (key > 0 && sequence.token(key - 1) == sequence.token(query)) induction.keys.push_back(key);
          if (sequence.shown_class(key) == label) right.keys.push_back(key);
        }
      }
      add_some(all.induction, std::move(induction));
      add_some(all.right_label, std::move(right));
    }
  }
  return all;
}

void head_scores(const std::vector<torch::Tensor>& attention, const Lookups& lookups, Output& output) {
  const auto add = [&](const char* metric, const std::vector<Glance>& glances, bool over_uniform) {
    if (glances.empty()) return;
    int layer = 0;
    for (const auto& tensor : attention) {
      ++layer;
      const auto maps = tensor.to(torch::kCPU, torch::kFloat64).contiguous();
      const auto heads = maps.size(1), tokens = maps.size(2);
      const double* weights = maps.data_ptr<double>();
      for (std::int64_t head = 0; head < heads; ++head) {
        double sum = 0;
        for (const auto& glance : glances) {
          const double* row = weights + ((glance.sample * heads + head) * tokens + glance.query) * tokens;
          double mass = 0;
          for (const auto key : glance.keys) mass += row[key];
          sum += over_uniform ? mass * double(glance.query + 1) / double(glance.keys.size()) : mass;
        }
        output.add(metric_name(metric, layer, int(head) + 1), sum / double(glances.size()));
      }
    }
  };
  add("head/previous-token", lookups.previous, false);
  add("head/induction", lookups.induction, true);
  add("head/right-label", lookups.right_label, false);
}

} // namespace plateau::probes
