#include "app/window/attention_tab.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/tensors.h"
#include "app/window/elements.h"
#include "app/window/tab_parts.h"
#include "app/window/token_strip.h"
#include "app/window/token_weights.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/interactive_map.h"

namespace plateau::window {
namespace {

const training::Tensor* tensor(const View& view, const char* name) {
  if (!view.member || !view.member->frame) return nullptr;
  const auto found = view.member->frame->tensors.find(name);
  return found == view.member->frame->tensors.end() ? nullptr : found->second.get();
}

std::string sample_label(const training::TaskInfo& task, int sample) {
  const auto i = static_cast<std::size_t>(sample);
  return i < task.input_labels.size() ? fmt::format("{}: {}", sample + 1, task.input_labels[i])
                                      : fmt::format("sample {}", sample + 1);
}

} // namespace

int AttentionTab::heads(const View&) const {
  return std::max(1, static_cast<int>(grid_.column_captions.size()));
}

bool AttentionTab::of_sequences(const View& view) const {
  return view.member->tokens.rows == 1;
}

std::string AttentionTab::token_name(const View& view, int token) const {
  return figures::token_name(view.member->tokens, token, task_.get(), sample_);
}

std::vector<std::string> AttentionTab::tokens(const View& view) const {
  std::vector<std::string> tokens;
  if (!task_ || !of_sequences(view)) return tokens;
  for (int i = 0; i < large_.columns; ++i) tokens.push_back(figures::token_text(*task_, sample_, i));
  if (std::ranges::all_of(tokens, &std::string::empty)) tokens.clear();
  return tokens;
}

void AttentionTab::cell_tooltip(const View& view, const widgets::HeatMap& map, widgets::Cell cell) const {
  ImGui::BeginTooltip();
  widgets::push_font(view.widgets.fonts.small);
  ImGui::TextUnformatted(("query " + token_name(view, cell.row)).c_str());
  ImGui::TextUnformatted(("key " + token_name(view, cell.column)).c_str());
  ImGui::PopFont();
  widgets::push_font(view.widgets.fonts.mono);
  ImGui::TextUnformatted(("a = " + widgets::format_value(map.at(cell.row, cell.column))).c_str());
  ImGui::PopFont();
  ImGui::EndTooltip();
}

void AttentionTab::draw(const View& view) {
  const bool recorded = tensor(view, "attention/mean") || tensor(view, "attention/maps");
  if (nothing_to_show(view, "attention maps", true, recorded, "probes.attention_every")) return;
  const auto own_tokens = figures::tensor(*view.member, "inputs/tokens");
  if (view.snapshot.task != task_of_ || own_tokens != own_tokens_) {
    task_of_ = view.snapshot.task;
    own_tokens_ = own_tokens;
    task_ = figures::task_of(view.snapshot, *view.member);
    inputs_ = task_ ? figures::input_images(*task_) : std::vector<widgets::ImagePtr>{};
  }
  tools(view);
  update_grid(view);
  const int count = static_cast<int>(grid_.cells.size());
  if (count == 0) return empty_state(view, "No attention maps", grid_.empty_text);
  pinned_ = std::clamp(pinned_, 0, count - 1);

  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float detail_width = std::clamp(space.x * 0.45f, em() * 14, em() * 40);
  const float gap = em() * 0.6f;
  const auto done =
      widgets::interactive_grid(view.widgets, "attention-grid", grid_,
                                {space.x - detail_width - gap, space.y}, pinned_, !of_sequences(view));
  if (of_sequences(view) && done.hovered_map && done.hovered_cell)
    cell_tooltip(view, grid_.cells[static_cast<std::size_t>(*done.hovered_map)], *done.hovered_cell);
  if (done.clicked_map) pinned_ = *done.clicked_map;
  hovered_ = done.hovered_map;
  ImGui::SameLine(0, gap);
  detail(view, std::min(hovered_.value_or(pinned_), count - 1), {detail_width, space.y});
}

void AttentionTab::tools(const View& view) {
  const LowControls low;
  std::vector<std::string> samples = {"mean over samples"};
  if (const auto* maps = tensor(view, "attention/maps"); maps && task_ && !maps->shape.empty())
    for (int i = 0; i < maps->shape[0]; ++i) samples.push_back(sample_label(*task_, i));
  sample_ = std::min(sample_, static_cast<int>(samples.size()) - 2);
  if (const auto chosen =
          combo(view, "sample", samples, sample_ + 1, std::min(em() * 16, ImGui::GetContentRegionAvail().x)))
    sample_ = *chosen - 1;
  widgets::help(view.widgets, "One held-out input, or the mean of the maps over all probed inputs.");
  if (of_sequences(view)) {
    grid_view_ = 0; // there are no patches to lay a row on
  } else {
    beside(em() * 12, em() * 0.7f);
    static const std::vector<std::string> views = {"matrices", "on the input"};
    segmented(view, "attention-view", views, grid_view_);
    widgets::help(view.widgets,
                  "Whole maps (rows: queries, columns: keys), or one query's row laid out as the "
                  "patches of the input. Click a row of the large map to choose the query.");
  }
  ImGui::SameLine();
  probe_help(view, "attention");
}

void AttentionTab::update_grid(const View& view) {
  const std::string key =
      fmt::format("{} {} {} {} {}", view.member->id, sample_, query_, grid_view_, view.widgets.theme.dark);
  if (key == grid_key_ && frame_ == view.member->frame) return;
  grid_key_ = key;
  frame_ = view.member->frame;
  large_key_.clear();
  figures::AttentionOptions options;
  options.view = grid_view_ == 0 ? figures::AttentionView::Matrix : figures::AttentionView::Query;
  options.sample = sample_;
  options.query = query_;
  grid_ = figures::attention_grid(*view.member, view.member_plot_options(), options);
  if (grid_.bar) grid_.bar->title.clear();
}

void AttentionTab::update_large(const View& view, int map) {
  const std::string key = fmt::format("{} {}", grid_key_, map);
  if (key == large_key_) return;
  large_key_ = key;
  figures::AttentionOptions options;
  options.sample = sample_;
  large_ = figures::attention_map(*view.member, view.member_plot_options(), options, map / heads(view),
                                  map % heads(view));
  large_.title.clear(); // stands above it
}

void AttentionTab::detail(const View& view, int map, widgets::Size size) {
  const int layer = map / heads(view), head = map % heads(view);
  if (!ImGui::BeginChild("attention-detail", widgets::to_imgui(size))) return ImGui::EndChild();
  update_large(view, map);
  const float text = ImGui::GetTextLineHeightWithSpacing();
  widgets::push_font(view.widgets.fonts.semibold);
  ImGui::TextUnformatted(fmt::format("Layer {}, head {}", layer + 1, head + 1).c_str());
  ImGui::PopFont();
  ImGui::SameLine();
  dim_text(view, hovered_ ? "click to pin" : "pinned");
  const bool sequences = of_sequences(view);
  const bool with_tokens = sequences && task_ && task_->tokens;
  const bool with_input = !inputs_.empty() || with_tokens;
  const float gap = em() * 0.6f;
  const float lower = with_input ? text * 3 + ImGui::GetFrameHeightWithSpacing() : text;
  const float room = ImGui::GetContentRegionAvail().y - lower;
  const float side = std::max(em() * 5, std::min(with_input ? (size.width - gap) / 2 : size.width, room));
  query_ = std::clamp(query_, 0, std::max(0, large_.rows - 1));
  key_ = std::clamp(key_, 0, std::max(0, large_.columns - 1));
  const auto done = widgets::interactive_heat_map(view.widgets, "attention-large", large_, {side, side},
                                                  widgets::Cell{query_, key_}, !sequences);
  if (sequences && done.hovered_cell) cell_tooltip(view, large_, *done.hovered_cell);
  if (done.clicked_cell) {
    query_ = done.clicked_cell->row;
    key_ = done.clicked_cell->column;
  }
  if (with_input) {
    ImGui::SameLine(0, gap);
    if (with_tokens)
      tokens_with_overlay(view, layer, head, {ImGui::GetContentRegionAvail().x, side});
    else
      input_with_overlay(view, layer, head, side);
    static const std::vector<std::string> overlays = {"input", "looks at", "looked at"};
    const LowControls low;
    segmented(view, "overlay", overlays, overlay_);
    widgets::help(view.widgets,
                  "The input alone, lit where the chosen query looks (a_qj), or lit where the other tokens "
                  "look most (mean over queries of a_ij).");
  }
  const float width = ImGui::GetContentRegionAvail().x;
  if (overlay_ == 1)
    fitted_text(view, "query: " + token_name(view, query_), width, view.widgets.theme.dim_text);
  if (with_input) answers(view);
  ImGui::EndChild();
}

void AttentionTab::input_with_overlay(const View& view, int layer, int head, float side) {
  const auto shown = static_cast<std::size_t>(std::clamp(sample_, 0, static_cast<int>(inputs_.size()) - 1));
  const widgets::Rect where = widgets::show_image(view.widgets, "input", *inputs_[shown], {side, side});
  if (overlay_ == 0 || !view.member->frame) return;
  const auto weights =
      token_weights(*view.member->frame, sample_, layer, head,
                    overlay_ == 1 ? TokenMeasure::FromQuery : TokenMeasure::Received, query_);
  if (const auto veil = patch_veil(weights, view.member->tokens)) {
    widgets::ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), view.widgets.fonts, view.widgets.textures);
    canvas.image(where, *veil, widgets::Interpolation::Nearest);
  }
}

void AttentionTab::tokens_with_overlay(const View& view, int layer, int head, widgets::Size size) {
  const auto shown = tokens(view);
  if (shown.empty()) {
    ImGui::BeginGroup();
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + size.width);
    dim_text(view, "Choose a sample to read its tokens in the light of this map.");
    ImGui::PopTextWrapPos();
    ImGui::EndGroup();
    return;
  }
  std::vector<float> weights;
  if (overlay_ != 0 && view.member->frame)
    weights = token_weights(*view.member->frame, sample_, layer, head,
                            overlay_ == 1 ? TokenMeasure::FromQuery : TokenMeasure::Received, query_);
  if (const auto clicked = token_strip(view, shown, weights, query_, size)) query_ = *clicked;
}

void AttentionTab::answers(const View& view) {
  if (!task_) return;
  if (sample_ < 0) {
    if (!of_sequences(view))
      fitted_text(view, "The first sample; choose one to see its own maps.", ImGui::GetContentRegionAvail().x,
                  view.widgets.theme.dim_text);
    return;
  }
  const auto i = static_cast<std::size_t>(sample_);
  const auto class_name = [&](std::int64_t c) {
    const auto& names = task_->classes.empty() ? task_->vocabulary : task_->classes;
    return c >= 0 && c < std::ssize(names) ? names[static_cast<std::size_t>(c)] : std::to_string(c);
  };
  const float width = ImGui::GetContentRegionAvail().x;
  if (i < task_->input_labels.size())
    fitted_text(view, task_->input_labels[i], width, view.widgets.theme.text);
  const auto* predictions = tensor(view, "attention/predictions"); // [samples, classes]
  if (!predictions || predictions->shape.size() != 2 || sample_ >= predictions->shape[0]) return;
  const auto classes = static_cast<std::size_t>(predictions->shape[1]);
  const float* row = predictions->data.data() + i * classes;
  std::vector<std::size_t> order(classes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
  std::string text = "answers ";
  for (std::size_t k = 0; k < std::min<std::size_t>(2, classes); ++k)
    text += fmt::format("{}{} {:.0f} %", k ? ", " : "", class_name(static_cast<std::int64_t>(order[k])),
                        100 * row[order[k]]);
  const bool known = i < task_->targets.size();
  const bool right = known && task_->targets[i] == static_cast<std::int64_t>(order[0]);
  fitted_text(view, text, width,
              !known  ? view.widgets.theme.text
              : right ? view.widgets.theme.good
                      : view.widgets.theme.error);
}

} // namespace plateau::window
