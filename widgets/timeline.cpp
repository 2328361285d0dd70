#include "widgets/timeline.h"

#include <cmath>

#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

namespace plateau::widgets {
namespace {

struct Parts {
  Rect marks, track;
  float labels; // baseline
};

Parts parts_of(const Rect& outer, const PlotStyle& style) {
  const float side = style.label * 2; // room for half a label
  const float labels = outer.bottom() - style.gap;
  const float track_height = std::max(3.f, style.label * 0.5f);
  const float track_top = labels - style.label * 1.3f - track_height;
  const float marks_top = outer.y + style.gap * 0.7f;
  return {{outer.x + side, marks_top, outer.width - 2 * side, std::max(1.f, track_top - marks_top)},
          {outer.x + side, track_top, outer.width - 2 * side, track_height},
          labels};
}

void draw_mark(Canvas& canvas, const TimelineMark& mark, float x, const Parts& parts,
               const PlotStyle& style) {
  const float y = parts.marks.bottom() - style.label * 0.62f, r = style.label * 0.34f;
  canvas.line({x, y}, {x, parts.track.bottom()}, {mark.color.with_alpha(0.8f), style.hairline});
  switch (mark.shape) {
  case TimelineMark::Shape::Line:
    break;
  case TimelineMark::Shape::Dot:
    canvas.fill_circle({x, y}, r * 0.8f, mark.color);
    break;
  case TimelineMark::Shape::Diamond: {
    const Point diamond[] = {{x, y - r}, {x + r, y}, {x, y + r}, {x - r, y}};
    canvas.polygon(diamond, mark.color);
    break;
  }
  case TimelineMark::Shape::Star:
    // Five convex kites around the centre.
    for (int k = 0; k < 5; ++k) {
      const auto at = [&](float turn, float radius) {
        const float angle = float(M_PI) * (2 * (float(k) + turn) / 5 - 0.5f);
        return Point{x + radius * std::cos(angle), y + radius * std::sin(angle)};
      };
      const Point kite[] = {at(0, r * 1.35f), at(0.5f, r * 0.58f), {x, y}, at(-0.5f, r * 0.58f)};
      canvas.polygon(kite, mark.color);
    }
    break;
  }
}

} // namespace

Scale timeline_scale(const Timeline& timeline, const Rect& outer, const PlotStyle& style) {
  const Rect track = parts_of(outer, style).track;
  const auto last = std::max({timeline.end, timeline.planned, std::int64_t(1)});
  return Scale(ScaleKind::Linear, {0, double(last)}, track.x, track.right());
}

std::int64_t nearest_stop(const Timeline& timeline, double step) {
  const auto wanted = std::int64_t(std::llround(std::clamp(step, 0.0, double(timeline.end))));
  const auto& stops = timeline.stops;
  if (stops.empty()) return wanted;
  const auto after = std::lower_bound(stops.begin(), stops.end(), wanted);
  if (after == stops.end()) return stops.back();
  if (after == stops.begin()) return stops.front();
  return *after - wanted < wanted - *(after - 1) ? *after : *(after - 1);
}

void draw(Canvas& canvas, const Timeline& timeline, const Rect& outer, const PlotStyle& style) {
  const Parts parts = parts_of(outer, style);
  const Scale scale = timeline_scale(timeline, outer, style);
  const Theme& theme = style.theme;
  const float rounding = parts.track.height / 2;

  canvas.fill_rect(parts.track, mix(theme.panel, theme.border, 0.8f), rounding);
  const float done = scale.position(double(timeline.end));
  if (done > parts.track.x)
    canvas.fill_rect({parts.track.x, parts.track.y, done - parts.track.x, parts.track.height},
                     mix(theme.panel, theme.accent, 0.45f), rounding);
  for (const Span& span : timeline.spans) {
    const float low = scale.position(span.x.low), high = scale.position(span.x.high);
    if (high > low)
      canvas.fill_rect(
          {low, parts.track.y - style.gap * 0.6f, high - low, parts.track.height + style.gap * 1.2f},
          span.color.with_alpha(span.lane < 0 ? std::min(1.f, span.color.a * 2.2f) : 0.3f), rounding * 0.5f);
  }
  // Recorded steps, where they can be told apart.
  if (timeline.stops.size() > 1 && float(timeline.stops.size()) * 4 * style.hairline < done - parts.track.x)
    for (const auto stop : timeline.stops) {
      const float x = scale.position(double(stop));
      canvas.line({x, parts.track.y + rounding * 0.6f}, {x, parts.track.bottom() - rounding * 0.6f},
                  {theme.panel.with_alpha(0.55f), style.hairline});
    }

  int most = std::max(2, int(parts.track.width / (style.label * 7)));
  for (const Tick& tick : ticks(scale, most, NumberStyle::Steps))
    canvas.text({scale.position(tick.value), parts.labels}, tick.label,
                {.size = style.label, .color = theme.dim_text, .horizontal = Horizontal::Center});
  for (const TimelineMark& mark : timeline.marks)
    draw_mark(canvas, mark, scale.position(double(mark.step)), parts, style);

  const float x = scale.position(double(timeline.step));
  const float knob = parts.track.height * 0.95f;
  canvas.line({x, parts.marks.y}, {x, parts.track.bottom() + style.gap * 0.5f},
              {theme.accent, 1.5f * style.hairline});
  canvas.fill_circle({x, parts.track.center().y}, knob, theme.panel);
  canvas.fill_circle({x, parts.track.center().y}, knob * 0.78f, theme.accent);

  const std::string label =
      timeline.live ? "live · " + format_step(double(timeline.step)) : format_step(double(timeline.step));
  const float width = canvas.measure(label, style.label, FontFace::Semibold).width + style.gap * 1.6f;
  const float height = style.label * 1.45f;
  const float left = std::clamp(x - width / 2, outer.x + 1, std::max(outer.x + 1, outer.right() - width - 1));
  canvas.fill_rect({left, outer.y + 1, width, height}, theme.accent, height * 0.3f);
  canvas.text({left + width / 2, outer.y + 1 + height / 2}, label,
              {.size = style.label,
               .color = theme.on_accent,
               .face = FontFace::Semibold,
               .horizontal = Horizontal::Center,
               .vertical = Vertical::Middle});
}

namespace {

// The stop `count` places away from the playhead.
std::int64_t step_by(const Timeline& timeline, int count) {
  const auto& stops = timeline.stops;
  if (stops.empty()) return std::clamp<std::int64_t>(timeline.step + count, 0, timeline.end);
  const auto at = std::lower_bound(stops.begin(), stops.end(), timeline.step) - stops.begin();
  // Between two stops the one behind is one place away already.
  const bool between = at == std::ptrdiff_t(stops.size()) || stops[std::size_t(at)] != timeline.step;
  const auto target = at + count - (between && count > 0 ? 1 : 0);
  return stops[std::size_t(std::clamp<std::ptrdiff_t>(target, 0, std::ptrdiff_t(stops.size()) - 1))];
}

} // namespace

TimelineInteraction interactive_timeline(Context& context, std::string_view id, const Timeline& timeline,
                                         TimelineState& state, Size size) {
  TimelineInteraction result;
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const Rect outer{origin.x, origin.y, std::max(1.f, size.width), std::max(1.f, size.height)};
  ImGui::PushID(id.data(), id.data() + id.size());
  ImGui::InvisibleButton("timeline", {outer.width, outer.height});
  ImGui::PopID();
  test_ids::mark(id, outer);

  const Scale scale = timeline_scale(timeline, outer, context.style);
  const Point mouse = from_imgui(ImGui::GetIO().MousePos);
  const bool hovered = ImGui::IsItemHovered();
  if (ImGui::IsItemActivated())
    state.focused = true;
  else if (ImGui::IsMouseClicked(0) && !hovered)
    state.focused = false;
  state.dragging = ImGui::IsItemActive();
  const auto move_to = [&](std::int64_t step) {
    // The end of the track is the live end.
    if (step >= timeline.end) result.to_live = true;
    if (step != timeline.step || timeline.live) result.step = step;
  };
  if (state.dragging) {
    const double wanted = scale.value(mouse.x);
    // Right of the last stop lies the live end, which needs no stop.
    move_to(wanted >= double(timeline.end) ? timeline.end : nearest_stop(timeline, wanted));
  }
  if (state.focused && !ImGui::GetIO().WantTextInput) {
    const int stride = ImGui::GetIO().KeyShift ? 10 : 1;
    if (key_pressed(Key::Left, true)) move_to(step_by(timeline, -stride));
    if (key_pressed(Key::Right, true)) move_to(step_by(timeline, stride));
    if (key_pressed(Key::Home)) move_to(timeline.stops.empty() ? 0 : timeline.stops.front());
    if (key_pressed(Key::End)) move_to(timeline.end);
  }

  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const ClipScope clip(canvas, outer);
  draw(canvas, timeline, outer, context.style);
  if (hovered && !state.dragging) {
    const float x = scale.position(double(nearest_stop(timeline, scale.value(mouse.x))));
    const Parts parts = parts_of(outer, context.style);
    canvas.line({x, parts.marks.y}, {x, parts.track.bottom()},
                {context.theme.dim_text.with_alpha(0.7f), context.style.hairline});
    ImGui::BeginTooltip();
    push_font(context.fonts.small);
    ImGui::TextUnformatted(
        ("step " + format_step(double(nearest_stop(timeline, scale.value(mouse.x))))).c_str());
    for (const TimelineMark& mark : timeline.marks)
      if (std::abs(scale.position(double(mark.step)) - mouse.x) <= 5 * context.scale)
        ImGui::TextColored(to_vec4(mark.color), "%s", mark.text.c_str());
    ImGui::PopFont();
    ImGui::EndTooltip();
  }
  return result;
}

} // namespace plateau::widgets
