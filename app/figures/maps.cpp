#include "app/figures/maps.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/figures/curves.h"

namespace plateau::figures {
namespace {

using training::MemberView;
using training::Tensor;

// [layers, heads, queries, keys] of the wanted sample (or the mean); `data` points into the frame's tensor.
struct Maps {
  std::int64_t layers = 0, heads = 0, queries = 0, keys = 0;
  const float* data = nullptr;
  const float* map(std::int64_t layer, std::int64_t head) const {
    return data + (layer * heads + head) * queries * keys;
  }
};

const Tensor* find_tensor(const MemberView& member, const char* name) {
  if (!member.frame) return nullptr;
  const auto found = member.frame->tensors.find(name);
  return found == member.frame->tensors.end() ? nullptr : found->second.get();
}

std::optional<Maps> find_maps(const MemberView& member, int sample) {
  if (sample < 0) {
    const Tensor* mean = find_tensor(member, "attention/mean");
    if (!mean || mean->shape.size() != 4) return std::nullopt;
    return Maps{mean->shape[0], mean->shape[1], mean->shape[2], mean->shape[3], mean->data.data()};
  }
  const Tensor* maps = find_tensor(member, "attention/maps");
  if (!maps || maps->shape.size() != 5 || sample >= maps->shape[0]) return std::nullopt;
  const auto& s = maps->shape;
  return Maps{s[1], s[2], s[3], s[4], maps->data.data() + sample * s[1] * s[2] * s[3] * s[4]};
}

std::string why_no_maps(const MemberView& member) {
  if (member.tokens.rows == 0 && member.settings.model.kind == "resnet")
    return member.name + " is a CNN: it has no attention";
  if (member.settings.probes.attention_every == 0)
    return "Attention maps are off: set probes.attention_every above 0";
  return "No attention maps yet at this step";
}

widgets::HeatMap map_of(const Maps& maps, const training::TokenLayout& tokens,
                        const AttentionOptions& attention, std::int64_t layer, std::int64_t head) {
  widgets::HeatMap map;
  const float* values = maps.map(layer, head);
  const std::int64_t first = tokens.class_token ? 1 : 0;
  const bool on_grid = tokens.rows > 0 && first + std::int64_t(tokens.rows) * tokens.columns == maps.keys;
  if (attention.view == AttentionView::Query && on_grid) {
    const auto query = std::clamp<std::int64_t>(attention.query, 0, maps.queries - 1);
    map.rows = tokens.rows, map.columns = tokens.columns;
    const float* row = values + query * maps.keys + first;
    map.values.assign(row, row + map.rows * map.columns);
  } else {
    map.rows = int(maps.queries), map.columns = int(maps.keys);
    map.values.assign(values, values + maps.queries * maps.keys);
  }
  return map;
}

// Round, so that colours do not flicker from step to step, and not above 1.
double round_maximum(double maximum) {
  for (const double round : {0.01, 0.02, 0.05, 0.1, 0.2, 0.5})
    if (maximum <= round) return round;
  return 1;
}

void colour(widgets::HeatMap& map, double maximum, const PlotOptions& options,
            const AttentionOptions& attention) {
  map.map = widgets::sequential_map(options.theme);
  map.range = {0, maximum};
  map.gamma = attention.gamma;
  map.finish();
}

} // namespace

widgets::HeatMapGrid attention_grid(const MemberView& member, const PlotOptions& options,
                                    const AttentionOptions& attention) {
  widgets::HeatMapGrid grid;
  grid.empty_text = why_no_maps(member);
  const auto maps = find_maps(member, attention.sample);
  if (!maps) return grid;
  if (options.title)
    grid.title = fmt::format("{} at step {}{}", member.name, widgets::format_step(double(member.frame->step)),
                             attention.sample < 0 ? ", mean over samples" : "");
  const auto wanted = [](int one, std::int64_t count) {
    return one > 0 ? std::pair<std::int64_t, std::int64_t>{one - 1, std::min<std::int64_t>(one, count)}
                   : std::pair<std::int64_t, std::int64_t>{0, count};
  };
  const auto [first_layer, end_layer] = wanted(options.layer, maps->layers);
  const auto [first_head, end_head] = wanted(options.head, maps->heads);
  if (first_layer >= end_layer || first_head >= end_head) {
    grid.empty_text = fmt::format("{} has {} layers of {} heads", member.name, maps->layers, maps->heads);
    return grid;
  }
  for (std::int64_t layer = first_layer; layer < end_layer; ++layer)
    grid.row_captions.push_back(fmt::format("layer {}", layer + 1));
  for (std::int64_t head = first_head; head < end_head; ++head)
    grid.column_captions.push_back(fmt::format("head {}", head + 1));
  double maximum = 0;
  for (std::int64_t layer = first_layer; layer < end_layer; ++layer)
    for (std::int64_t head = first_head; head < end_head; ++head) {
      grid.cells.push_back(map_of(*maps, member.tokens, attention, layer, head));
      for (const float value : grid.cells.back().values) maximum = std::max(maximum, double(value));
    }
  maximum = attention.maximum > 0 ? attention.maximum : round_maximum(maximum);
  for (auto& cell : grid.cells) colour(cell, maximum, options, attention);
  grid.bar = widgets::ColorBar{grid.cells.front().map, {0, maximum}, attention.gamma, "attention a"};
  if (attention.view == AttentionView::Matrix) grid.x_label = "key token", grid.y_label = "query token";
  return grid;
}

widgets::HeatMap attention_map(const MemberView& member, const PlotOptions& options,
                               const AttentionOptions& attention, int layer, int head) {
  const auto maps = find_maps(member, attention.sample);
  if (!maps || layer < 0 || head < 0 || layer >= maps->layers || head >= maps->heads) return {};
  auto map = map_of(*maps, member.tokens, attention, layer, head);
  colour(map,
         attention.maximum > 0 ? attention.maximum : round_maximum(widgets::value_range(map.values).high),
         options, attention);
  map.title = fmt::format("layer {}, head {}", layer + 1, head + 1);
  if (attention.view == AttentionView::Matrix) map.x_label = "key token", map.y_label = "query token";
  return map;
}

std::string token_name(const training::TokenLayout& tokens, int token) {
  if (tokens.class_token && token == 0) return "class token";
  const int patch = token - (tokens.class_token ? 1 : 0);
  if (tokens.columns == 0 || patch >= tokens.rows * tokens.columns) return fmt::format("token {}", token);
  return fmt::format("row {}, column {}", patch / tokens.columns + 1, patch % tokens.columns + 1);
}

std::string token_name(const training::TokenLayout& tokens, int token, const training::TaskInfo* task,
                       int sample) {
  if (tokens.rows != 1) return token_name(tokens, token);
  const std::string text = task ? token_text(*task, sample, token) : "";
  return text.empty() ? fmt::format("token {}", token + 1) : fmt::format("{}: \"{}\"", token + 1, text);
}

std::string token_text(const training::TaskInfo& task, int sample, int position) {
  if (!task.tokens || task.tokens->shape.size() != 2) return {};
  const auto samples = task.tokens->shape[0], length = task.tokens->shape[1];
  if (sample < 0 || sample >= samples || position < 0 || position >= length) return {};
  const auto index = std::size_t(task.tokens->data[std::size_t(sample * length + position)]);
  return index < task.vocabulary.size() ? task.vocabulary[index] : std::string();
}

namespace {

// "12 34 = → 46": enough to tell samples apart.
std::string sample_text(const training::TaskInfo& task, int sample) {
  constexpr std::int64_t most = 16; // tokens
  const auto length = task.tokens->shape[1];
  std::vector<std::string> words;
  for (int i = 0; i < int(std::min(length, most)); ++i) words.push_back(token_text(task, sample, i));
  // Texts are read without gaps; numbers and names are not.
  const bool letters = std::ranges::all_of(task.vocabulary, [](const std::string& token) {
    return std::ranges::count_if(token, [](char c) { return (c & 0xC0) != 0x80; }) < 2;
  });
  std::string text = fmt::format("{}", fmt::join(words, letters ? "" : " "));
  if (length > most) text += " …";
  if (std::size_t(sample) >= task.targets.size()) return text;
  const auto target = task.targets[std::size_t(sample)];
  const auto& names = task.classes.empty() ? task.vocabulary : task.classes;
  if (target < 0) return text;
  return text + " → " + (target < std::ssize(names) ? names[std::size_t(target)] : std::to_string(target));
}

} // namespace

std::shared_ptr<const training::TaskInfo> task_of(const training::Snapshot& snapshot,
                                                  const MemberView& member) {
  if (!snapshot.task || !member.frame) return snapshot.task;
  const auto tokens = member.frame->tensors.find("inputs/tokens");
  if (tokens == member.frame->tensors.end() || tokens->second->shape.size() != 2) return snapshot.task;
  auto own = std::make_shared<training::TaskInfo>(*snapshot.task);
  own->tokens = tokens->second;
  own->targets.clear();
  own->input_labels.clear();
  if (const Tensor* targets = find_tensor(member, "inputs/targets"))
    for (const float target : targets->data) own->targets.push_back(std::int64_t(std::lround(target)));
  for (int i = 0; i < int(own->tokens->shape[0]); ++i) own->input_labels.push_back(sample_text(*own, i));
  return own;
}

std::vector<widgets::ImagePtr> input_images(const training::TaskInfo& task) {
  std::vector<widgets::ImagePtr> images;
  if (!task.inputs || task.inputs->shape.size() != 4) return images;
  const auto& s = task.inputs->shape;
  const std::size_t size = std::size_t(s[1] * s[2] * s[3]);
  for (std::int64_t i = 0; i < s[0]; ++i)
    images.push_back(widgets::image_from_planes({task.inputs->data.data() + std::size_t(i) * size, size},
                                                int(s[1]), int(s[2]), int(s[3])));
  return images;
}

std::vector<widgets::HistogramHistory> saturation_histories(const training::Snapshot& snapshot,
                                                            const MemberView& member,
                                                            const PlotOptions& options) {
  std::vector<widgets::HistogramHistory> histories;
  for (std::size_t i = 0; i < member.histograms.size(); ++i) {
    const auto& frame = *member.histograms[i];
    const auto found = frame.tensors.find("saturation/histogram");
    if (found == frame.tensors.end() || found->second->shape.size() != 2) continue;
    const Tensor& tensor = *found->second;
    const auto layers = std::size_t(tensor.shape[0]), bins = std::size_t(tensor.shape[1]);
    histories.resize(std::max(histories.size(), layers));
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const float* shares = tensor.data.data() + layer * bins;
      if (!histories[layer].shares.empty() && histories[layer].shares.front().size() != bins) continue;
      histories[layer].steps.push_back(double(frame.step));
      histories[layer].shares.emplace_back(shares, shares + bins);
    }
  }
  // Empty decades below are cut off, in twos so that the axis rarely moves.
  double lowest = -4;
  for (const auto& history : histories)
    for (const auto& shares : history.shares)
      for (std::size_t bin = 0; bin < shares.size(); ++bin)
        if (shares[bin] > 1e-4f) {
          lowest = std::min(lowest, 2 * std::floor((10 * double(bin) / double(shares.size()) - 10) / 2));
          break;
        }
  widgets::LinePlot events;
  PlotOptions own = options;
  own.members = {member.id};
  if (options.events) add_events(events, snapshot, own);
  for (std::size_t layer = 0; layer < histories.size(); ++layer) {
    auto& history = histories[layer];
    if (options.title) history.title = fmt::format("layer {}", layer + 1);
    history.range = {-10, 0};
    history.y.title = "log₁₀ a";
    history.y.range = widgets::Range{lowest, 0};
    history.x.range = options.x.value_or(widgets::Range{0, std::max(1.0, history.steps.back())});
    history.map = widgets::sequential_map(options.theme);
    history.marks = events.marks;
    for (auto& mark : history.marks) mark.label.clear(); // told in the loss plot
    // What counts as saturated, see the shares below 1e-3 and 1e-7.
    history.guides = {{.y = -3, .label = "10⁻³", .kind = {}}, {.y = -7, .label = "10⁻⁷", .kind = {}}};
    if (options.step) history.playhead = double(*options.step);
    history.finish();
  }
  return histories;
}

widgets::Histogram saturation_histogram(const MemberView& member, const PlotOptions& options, int layer) {
  widgets::Histogram histogram;
  histogram.x_title = "log₁₀ a";
  histogram.y_title = "share of entries";
  histogram.range = {-10, 0};
  histogram.color =
      widgets::ordered_color(options.theme, std::size_t(std::max(0, layer)),
                             std::size_t(std::max<std::int64_t>(1, member.settings.model.depth)));
  const Tensor* tensor = find_tensor(member, "saturation/histogram");
  if (!tensor || tensor->shape.size() != 2 || layer < 0 || layer >= tensor->shape[0]) return histogram;
  if (options.title)
    histogram.title =
        fmt::format("layer {} at step {}", layer + 1, widgets::format_step(double(member.frame->step)));
  const auto bins = std::size_t(tensor->shape[1]);
  const float* shares = tensor->data.data() + std::size_t(layer) * bins;
  histogram.shares.assign(shares, shares + bins);
  return histogram;
}

} // namespace plateau::figures
