#include "widgets/interactive_plot.h"

#include <cmath>
#include <string>
#include <utility>

#include "widgets/imgui_compat.h"
#include "widgets/plot_readings.h"
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

// The place where the end of a movable span is taken hold of: in the middle of a shade's height, around a
// bar.
Rect grip(const Span& span, bool low_end, const PlotLayout& layout, const Context& context) {
  const Rect where = span_area(span, layout, context.style);
  const float end = layout.x.position(low_end ? span.x.low : span.x.high);
  if (!(where.width > 0) || end < layout.area.x - 1 || end > layout.area.right() + 1) return {};
  const float width = 5 * context.scale;
  const float height =
      span.lane < 0 ? std::min(where.height * 0.6f, 26 * context.scale) : where.height * 2.5f;
  return {end - width / 2, where.center().y - height / 2, width, height};
}

struct SpanEnd {
  std::size_t span; // index
  bool low_end;
};

// With the shade's whole height, not only its grip.
std::optional<SpanEnd> span_end_at(const LinePlot& plot, const PlotLayout& layout, Point mouse,
                                   const Context& context, bool grips_only) {
  const float reach = drag_threshold * context.scale;
  for (std::size_t i = 0; i < plot.spans.size(); ++i) {
    const Span& span = plot.spans[i];
    if (!span.movable) continue;
    for (const bool low_end : {false, true}) {
      Rect place = grip(span, low_end, layout, context);
      if (!(place.width > 0)) continue;
      if (!grips_only && span.lane < 0) place.y = layout.area.y, place.height = layout.area.height;
      if (place.inset(-reach).contains(mouse)) return SpanEnd{i, low_end};
    }
  }
  return std::nullopt;
}

void draw_grips(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const Context& context,
                const std::optional<SpanEnd>& held) {
  for (std::size_t i = 0; i < plot.spans.size(); ++i) {
    if (!plot.spans[i].movable) continue;
    for (const bool low_end : {true, false}) {
      const Rect place = grip(plot.spans[i], low_end, layout, context);
      if (!(place.width > 0)) continue;
      const bool is_held = held && held->span == i && held->low_end == low_end;
      canvas.fill_rect(place, is_held ? context.theme.accent : context.theme.dim_text, place.width / 2);
      canvas.stroke_rect(place, {context.theme.panel, context.style.hairline}, place.width / 2);
    }
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
    if (inside) {
      result_.hovered_x = layout_.x.value(mouse_.x);
      look_under_mouse();
    }
    if (result_.hovered && ImGui::GetIO().MouseWheel != 0) zoom_by_wheel(inside);
    if (ImGui::IsItemActivated()) press();
    if (ImGui::IsItemActive())
      drag();
    else if (view_.drag != PlotView::Drag::None)
      release();
    return result_;
  }

  /// The end that is dragged, or would be.
  std::optional<SpanEnd> span_end() const {
    if (view_.drag == PlotView::Drag::SpanLow || view_.drag == PlotView::Drag::SpanHigh) {
      for (std::size_t i = 0; i < plot_.spans.size(); ++i)
        if (plot_.spans[i].movable && plot_.spans[i].id == view_.span)
          return SpanEnd{i, view_.drag == PlotView::Drag::SpanLow};
      return std::nullopt;
    }
    if (view_.drag != PlotView::Drag::None || !layout_.area.contains(mouse_)) return std::nullopt;
    return span_end_at(plot_, layout_, mouse_, context_, on_playhead());
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
    } else if (!ImGui::IsMouseDown(0)) {
      return;
    } else if (const auto end = layout_.area.contains(mouse_)
                                    ? span_end_at(plot_, layout_, mouse_, context_, on_playhead())
                                    : std::nullopt) {
      view_.drag = end->low_end ? PlotView::Drag::SpanLow : PlotView::Drag::SpanHigh;
      view_.span = plot_.spans[end->span].id;
      view_.span_x = plot_.spans[end->span].x;
    } else if (on_playhead()) {
      view_.drag = PlotView::Drag::Playhead;
    }
  }

  void look_under_mouse() {
    const float reach = drag_threshold * context_.scale;
    float nearest = reach;
    for (std::size_t i = 0; i < plot_.marks.size(); ++i) {
      const VerticalMark& mark = plot_.marks[i];
      const float away = std::abs(layout_.x.position(mark.x) - mouse_.x);
      if (!layout_.x.range().contains(mark.x) || away > nearest) continue;
      // A remark can be changed, so it comes before an event in the same place.
      if (away == nearest && result_.mark && plot_.marks[*result_.mark].remark) continue;
      result_.mark = i, nearest = away;
    }
    for (std::size_t i = 0; i < plot_.spans.size(); ++i) {
      if (plot_.spans[i].id < 0) continue;
      const Rect where = span_area(plot_.spans[i], layout_, context_.style);
      // A thin bar is hard to hit, and an end belongs to its span.
      if (where.width > 0 && where.inset(-reach / 2).contains(mouse_)) result_.span = i;
    }
  }

  // Not beyond the other end, nor into the next span that can be moved.
  void move_span_end() {
    const bool low_end = view_.drag == PlotView::Drag::SpanLow;
    double x = x_under_mouse();
    const float other = layout_.x.position(low_end ? view_.span_x.high : view_.span_x.low);
    const float least = drag_threshold * context_.scale;
    x = low_end ? std::min(x, layout_.x.value(other - least)) : std::max(x, layout_.x.value(other + least));
    for (const Span& span : plot_.spans) {
      if (!span.movable || span.id == view_.span) continue;
      if (low_end && span.x.high <= view_.span_x.high) x = std::max(x, span.x.high);
      if (!low_end && span.x.low >= view_.span_x.low) x = std::min(x, span.x.low);
    }
    (low_end ? view_.span_x.low : view_.span_x.high) = x;
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
    if ((view_.drag == PlotView::Drag::SpanLow || view_.drag == PlotView::Drag::SpanHigh) && mouse_ != from)
      move_span_end();
    if (ImGui::IsMouseReleased(0) || ImGui::IsMouseReleased(1) || ImGui::IsMouseReleased(2)) release();
  }

  double x_under_mouse() const {
    return layout_.x.value(std::clamp(mouse_.x, layout_.area.x, layout_.area.right()));
  }

  void release() {
    const auto drag = std::exchange(view_.drag, PlotView::Drag::None);
    if (drag == PlotView::Drag::Box) zoom_into_box();
    if (drag == PlotView::Drag::Playhead) result_.clicked_x = x_under_mouse();
    const bool span_end = drag == PlotView::Drag::SpanLow || drag == PlotView::Drag::SpanHigh;
    if (span_end && std::abs(mouse_.x - view_.drag_from.x) >= 1)
      result_.moved = {view_.span, view_.span_x, drag == PlotView::Drag::SpanLow};
    if (drag != PlotView::Drag::Press) return;
    if (ImGui::IsMouseReleased(1)) {
      result_.context_menu = layout_.area.contains(mouse_);
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

} // namespace

PlotInteraction interactive_plot(Context& context, std::string_view id, const LinePlot& described,
                                 PlotView& view, Size size, std::optional<double>* shared_cursor,
                                 float left_margin) {
  LinePlot plot = described;
  if (view.x) plot.x.range = view.x;
  if (view.y) plot.y.range = view.y;
  if (view.x_kind) plot.x.kind = *view.x_kind;
  if (view.y_kind) plot.y.kind = *view.y_kind;
  if (view.drag == PlotView::Drag::SpanLow || view.drag == PlotView::Drag::SpanHigh)
    for (Span& span : plot.spans)
      if (span.movable && span.id == view.span) span.x = view.span_x;

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
  for (std::size_t i = 0; i < plot.marks.size(); ++i)
    if (const float x = place.x.position(plot.marks[i].x); place.x.range().contains(plot.marks[i].x))
      test_ids::mark(name + "/mark-" + std::to_string(i), {x - 1, place.area.y, 2, place.area.height});
  for (const Span& span : plot.spans)
    for (const bool low_end : {true, false})
      if (const Rect where = span.movable ? grip(span, low_end, place, context) : Rect{}; where.width > 0)
        test_ids::mark(name + "/span-" + std::to_string(span.id) + (low_end ? "/low" : "/high"), where);

  const ClipScope clip(canvas, outer);
  draw(canvas, plot, place, context.style, view.hidden, &view.cache);

  Interaction interaction(context, plot, view, place);
  PlotInteraction result = interaction.handle();
  const auto span_end = interaction.span_end();
  const bool span_near = result.span && plot.spans[*result.span].movable;
  if (span_end || (result.hovered && span_near)) draw_grips(canvas, plot, place, context, span_end);
  if (span_end) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  if (view.drag == PlotView::Drag::Box) draw_box(canvas, view, place, context);
  if (result.hovered && interaction.legend_under_mouse()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);

  if (result.hovered_x && view.drag == PlotView::Drag::None && !place.empty) {
    const auto readings = readings_at(plot, view.hidden, *result.hovered_x);
    // The recorded step nearest to the mouse: some curves are recorded more seldom than others.
    double x = readings.empty() ? *result.hovered_x : readings.front().point.x;
    const auto away = [&](double of) {
      return std::abs(place.x.position(of) - place.x.position(*result.hovered_x));
    };
    for (const Reading& reading : readings)
      if (away(reading.point.x) < away(x)) x = reading.point.x;
    draw_crosshair(canvas, readings, x, place, context.style);
    const Point mouse = from_imgui(ImGui::GetIO().MousePos);
    result.nearest = nearest_point(plot, place, view.hidden, mouse, 12 * context.scale);
    if (result.nearest) draw_nearest(canvas, plot, *result.nearest, place, context.style);
    show_readings(context, plot, place, readings, x, result.nearest);
    if (shared_cursor) *shared_cursor = x;
  } else if (shared_cursor && *shared_cursor && !place.empty && view.drag == PlotView::Drag::None) {
    draw_crosshair(canvas, readings_at(plot, view.hidden, **shared_cursor), **shared_cursor, place,
                   context.style);
  }
  return result;
}

} // namespace plateau::widgets
