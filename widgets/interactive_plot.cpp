#include "widgets/interactive_plot.h"

#include <cmath>
#include <string>
#include <utility>

#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

namespace plateau::widgets {
namespace {

constexpr float drag_threshold = 4, thin_box = 8; // pixels

Range zoomed(const Scale& scale, float about, float factor) {
  return {scale.value(about + (scale.low_position() - about) * factor),
          scale.value(about + (scale.high_position() - about) * factor)};
}

Range moved(const Scale& scale, const Range& from, float by) {
  const Scale start(scale.kind(), from, scale.low_position(), scale.high_position(), scale.linear_below());
  return {start.value(start.low_position() - by), start.value(start.high_position() - by)};
}

// Zooming further than floating point or the steps themselves allow would leave nothing to see.
bool worth_showing(const Range& range, const Range& old) {
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  return std::isfinite(range.low) && std::isfinite(range.high) &&
         (range.length() > old.length() || range.length() > 1e-9 * size) && range.length() < 1e15;
}

// Only this entry of its sort (group or kind), or all again when it was alone.
void show_only(const PlotLayout& layout, const LegendEntry& chosen, Hidden& hidden) {
  bool alone = !chosen.hidden;
  for (const auto& entry : layout.legend)
    if (entry.is_kind == chosen.is_kind && entry.name != chosen.name && !entry.hidden) alone = false;
  for (const auto& entry : layout.legend) {
    if (entry.is_kind != chosen.is_kind) continue;
    if (alone || entry.name == chosen.name)
      hidden.erase(entry.name);
    else
      hidden.insert(entry.name);
  }
}

class Interaction {
public:
  Interaction(Context& context, const LinePlot& plot, PlotView& view, const PlotLayout& layout)
      : context_(context), plot_(plot), view_(view), layout_(layout),
        mouse_(from_imgui(ImGui::GetIO().MousePos)) {}

  PlotInteraction handle() {
    result_.hovered = ImGui::IsItemHovered();
    const bool inside = result_.hovered && layout_.area.contains(mouse_);
    if (inside) result_.hovered_x = layout_.x.value(mouse_.x);
    if (result_.hovered && ImGui::GetIO().MouseWheel != 0) zoom_by_wheel(inside);
    if (ImGui::IsItemActivated()) press();
    if (ImGui::IsItemActive())
      drag();
    else if (view_.drag != PlotView::Drag::None)
      release();
    return result_;
  }

  const LegendEntry* legend_under_mouse() const {
    for (const auto& entry : layout_.legend)
      if (entry.area.contains(mouse_)) return &entry;
    return nullptr;
  }

private:
  void zoom_by_wheel(bool inside) {
    const ImGuiIO& io = ImGui::GetIO();
    const float factor = std::pow(0.85f, io.MouseWheel);
    // Over the labels of an axis the wheel zooms that axis.
    const bool vertical = io.KeyShift || io.KeyCtrl || (!inside && mouse_.x < layout_.area.x);
    auto& range = vertical ? view_.y : view_.x;
    const Scale& scale = vertical ? layout_.y : layout_.x;
    const Range wanted = zoomed(scale, vertical ? mouse_.y : mouse_.x, factor);
    if (!worth_showing(wanted, scale.range())) return;
    range = wanted;
    result_.view_changed = true;
  }

  bool on_playhead() const {
    return plot_.playhead && layout_.area.contains(mouse_) &&
           std::abs(layout_.x.position(*plot_.playhead) - mouse_.x) <= drag_threshold * context_.scale;
  }

  void press() {
    view_.drag_from = mouse_;
    view_.drag_x = layout_.x.range(), view_.drag_y = layout_.y.range();
    view_.drag = PlotView::Drag::Press;
    if (ImGui::IsMouseDoubleClicked(0) && !legend_under_mouse()) {
      view_.fit();
      view_.drag = PlotView::Drag::None; // its release is no second click
      result_.view_changed = true;
    } else if (ImGui::IsMouseDown(0) && on_playhead()) {
      view_.drag = PlotView::Drag::Playhead;
    }
  }

  void drag() {
    const Point from = view_.drag_from;
    if (view_.drag == PlotView::Drag::Press &&
        std::max(std::abs(mouse_.x - from.x), std::abs(mouse_.y - from.y)) >
            drag_threshold * context_.scale &&
        layout_.area.contains(from))
      view_.drag = ImGui::IsMouseDown(0) ? PlotView::Drag::Box : PlotView::Drag::Pan;
    if (view_.drag == PlotView::Drag::Pan) {
      view_.x = moved(layout_.x, view_.drag_x, mouse_.x - from.x);
      // A sideways pan keeps y fitted.
      if (view_.y || std::abs(mouse_.y - from.y) > 3 * drag_threshold * context_.scale)
        view_.y = moved(layout_.y, view_.drag_y, mouse_.y - from.y);
      result_.view_changed = true;
    }
    if (view_.drag == PlotView::Drag::Playhead) result_.clicked_x = x_under_mouse();
    if (ImGui::IsMouseReleased(0) || ImGui::IsMouseReleased(1) || ImGui::IsMouseReleased(2)) release();
  }

  double x_under_mouse() const {
    return layout_.x.value(std::clamp(mouse_.x, layout_.area.x, layout_.area.right()));
  }

  void release() {
    const auto drag = std::exchange(view_.drag, PlotView::Drag::None);
    if (drag == PlotView::Drag::Box) zoom_into_box();
    if (drag == PlotView::Drag::Playhead) result_.clicked_x = x_under_mouse();
    if (drag != PlotView::Drag::Press) return;
    if (ImGui::IsMouseReleased(1)) {
      result_.context_menu = true;
      return;
    }
    if (!ImGui::IsMouseReleased(0)) return;
    if (const LegendEntry* entry = legend_under_mouse()) {
      const ImGuiIO& io = ImGui::GetIO();
      if (io.KeyCtrl || io.KeyShift)
        show_only(layout_, *entry, view_.hidden);
      else if (entry->hidden)
        view_.hidden.erase(entry->name);
      else
        view_.hidden.insert(entry->name);
      result_.view_changed = true;
    } else if (layout_.area.contains(mouse_)) {
      result_.clicked_x = x_under_mouse();
    }
  }

  void zoom_into_box() {
    const Rect box = box_of(view_.drag_from, mouse_, layout_.area);
    const float thin = thin_box * context_.scale;
    if (box.width >= thin) view_.x = Range{layout_.x.value(box.x), layout_.x.value(box.right())};
    if (box.height >= thin) view_.y = Range{layout_.y.value(box.bottom()), layout_.y.value(box.y)};
    result_.view_changed = true;
  }

public:
  static Rect box_of(Point a, Point b, const Rect& area) {
    const float left = std::max(area.x, std::min(a.x, b.x)),
                right = std::min(area.right(), std::max(a.x, b.x));
    const float top = std::max(area.y, std::min(a.y, b.y)),
                bottom = std::min(area.bottom(), std::max(a.y, b.y));
    return {left, top, std::max(0.f, right - left), std::max(0.f, bottom - top)};
  }

private:
  Context& context_;
  const LinePlot& plot_;
  PlotView& view_;
  const PlotLayout& layout_;
  Point mouse_;
  PlotInteraction result_;
};

void draw_box(Canvas& canvas, const PlotView& view, const PlotLayout& layout, const Context& context) {
  Rect box = Interaction::box_of(view.drag_from, from_imgui(ImGui::GetIO().MousePos), layout.area);
  const float thin = thin_box * context.scale;
  // A thin box zooms one axis only, and looks like it.
  if (box.height < thin)
    box.y = layout.area.y, box.height = layout.area.height;
  else if (box.width < thin)
    box.x = layout.area.x, box.width = layout.area.width;
  canvas.fill_rect(box, context.theme.accent.with_alpha(0.12f));
  canvas.stroke_rect(box, {context.theme.accent, context.style.hairline});
}

struct Reading {
  const Curve* curve;
  CurvePoint point;
};

// The value of each visible curve at `x`, from top to bottom.
std::vector<Reading> readings_at(const LinePlot& plot, const Hidden& hidden, double x) {
  std::vector<Reading> readings;
  for (const Curve& curve : plot.curves)
    if (!is_hidden(curve, hidden))
      if (const auto point = value_at(curve, x)) readings.push_back({&curve, *point});
  // Rings only tell about points that are there: not about the nearest of them.
  std::erase_if(readings, [all = readings](const Reading& ring) {
    return ring.curve->rings && std::ranges::none_of(all, [&](const Reading& other) {
             return !other.curve->rings && group_of(*other.curve) == group_of(*ring.curve) &&
                    other.point.x == ring.point.x;
           });
  });
  std::stable_sort(readings.begin(), readings.end(),
                   [](const Reading& a, const Reading& b) { return a.point.y > b.point.y; });
  return readings;
}

void draw_crosshair(Canvas& canvas, const std::vector<Reading>& readings, double x, const PlotLayout& layout,
                    const PlotStyle& style) {
  const float at = std::floor(layout.x.position(x)) + 0.5f;
  if (at < layout.area.x || at > layout.area.right()) return;
  canvas.line({at, layout.area.y}, {at, layout.area.bottom()},
              {style.theme.dim_text.with_alpha(0.6f), style.hairline});
  const ClipScope clip(canvas, layout.area.inset(-2 * style.marker));
  for (const auto& [curve, point] : readings) {
    const Point place{layout.x.position(point.x), layout.y.position(point.y)};
    if (!std::isfinite(place.y)) continue;
    canvas.fill_circle(place, style.marker * 1.7f, style.theme.panel);
    canvas.fill_circle(place, style.marker * 1.25f, curve->color);
  }
}

void show_readings(Context& context, const LinePlot& plot, const std::vector<Reading>& all, double x,
                   const PlotLayout& layout) {
  constexpr std::size_t most = 16;
  std::vector<Reading> readings = all;
  if (readings.size() > most) {
    // The ones nearest to the mouse.
    const float mouse = ImGui::GetIO().MousePos.y;
    const auto distance = [&](const Reading& r) { return std::abs(layout.y.position(r.point.y) - mouse); };
    std::nth_element(readings.begin(), readings.begin() + most, readings.end(),
                     [&](const Reading& a, const Reading& b) { return distance(a) < distance(b); });
    readings.resize(most);
    std::stable_sort(readings.begin(), readings.end(),
                     [](const Reading& a, const Reading& b) { return a.point.y > b.point.y; });
  }
  std::size_t longest = 0;
  for (const Reading& r : readings)
    longest = std::max(longest, format_value(r.point.y, plot.y.numbers).size());

  ImGui::BeginTooltip();
  push_font(context.fonts.small_semibold);
  ImGui::TextUnformatted((plot.x.title + " " + format_value(x, plot.x.numbers)).c_str());
  ImGui::PopFont();
  for (const VerticalMark& mark : plot.marks)
    if (!mark.label.empty() &&
        std::abs(layout.x.position(mark.x) - layout.x.position(x)) <= 4 * context.scale) {
      push_font(context.fonts.small);
      ImGui::TextColored(to_vec4(mark.color), "%s", mark.label.c_str());
      ImGui::PopFont();
    }
  if (!readings.empty() && ImGui::BeginTable("readings", 2, ImGuiTableFlags_SizingFixedFit)) {
    for (const Reading& r : readings) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      push_font(context.fonts.small);
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const float height = ImGui::GetTextLineHeight(), swatch = height * 0.9f;
      ImGui::GetWindowDrawList()->AddLine({at.x, at.y + height / 2}, {at.x + swatch, at.y + height / 2},
                                          to_u32(r.curve->color), 2.5f * context.scale);
      ImGui::Dummy({swatch, height});
      ImGui::SameLine(0, 5 * context.scale);
      std::string label = group_of(*r.curve);
      if (!r.curve->kind.empty()) label += " · " + r.curve->kind;
      ImGui::TextUnformatted(label.c_str());
      ImGui::PopFont();
      ImGui::TableNextColumn();
      push_font(context.fonts.small_mono);
      ImGui::TextUnformatted(format_value(r.point.y, plot.y.numbers).c_str());
      ImGui::PopFont();
    }
    ImGui::EndTable();
  }
  if (all.size() > readings.size()) ImGui::TextDisabled("and %zu more", all.size() - readings.size());
  ImGui::EndTooltip();
}

} // namespace

PlotInteraction interactive_plot(Context& context, std::string_view id, const LinePlot& described,
                                 PlotView& view, Size size, std::optional<double>* shared_cursor,
                                 float left_margin) {
  LinePlot plot = described;
  if (view.x) plot.x.range = view.x;
  if (view.y) plot.y.range = view.y;

  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const Rect outer{origin.x, origin.y, std::max(1.f, size.width), std::max(1.f, size.height)};
  ImGui::PushID(id.data(), id.data() + id.size());
  ImGui::InvisibleButton("plot", {outer.width, outer.height},
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                             ImGuiButtonFlags_MouseButtonMiddle);
  ImGui::PopID();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const PlotLayout place = layout(plot, canvas, outer, context.style, view.hidden, left_margin, &view.cache);
  const std::string name(id);
  test_ids::mark(name, outer);
  test_ids::mark(name + "/area", place.area);
  for (const auto& entry : place.legend) test_ids::mark(name + "/legend/" + entry.name, entry.area);

  const ClipScope clip(canvas, outer);
  draw(canvas, plot, place, context.style, view.hidden, &view.cache);

  Interaction interaction(context, plot, view, place);
  const PlotInteraction result = interaction.handle();
  if (view.drag == PlotView::Drag::Box) draw_box(canvas, view, place, context);
  if (result.hovered && interaction.legend_under_mouse()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);

  if (result.hovered_x && view.drag == PlotView::Drag::None && !place.empty) {
    const auto readings = readings_at(plot, view.hidden, *result.hovered_x);
    const double x = readings.empty() ? *result.hovered_x : readings.front().point.x;
    draw_crosshair(canvas, readings, x, place, context.style);
    show_readings(context, plot, readings, x, place);
    if (shared_cursor) *shared_cursor = x;
  } else if (shared_cursor && *shared_cursor && !place.empty && view.drag == PlotView::Drag::None) {
    draw_crosshair(canvas, readings_at(plot, view.hidden, **shared_cursor), **shared_cursor, place,
                   context.style);
  }
  return result;
}

} // namespace plateau::widgets
