#include "widgets/plot_readings.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "widgets/imgui_compat.h"

namespace plateau::widgets {
namespace {

void note(Context& context, const std::string& text, Color color) {
  push_font(context.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(color));
  ImGui::PushTextWrapPos(ImGui::GetFontSize() * 26);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

// A swatch and the name.
void name_of(Context& context, const Curve& curve) {
  push_font(context.fonts.small);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetTextLineHeight(), swatch = height * 0.9f;
  ImGui::GetWindowDrawList()->AddLine({at.x, at.y + height / 2}, {at.x + swatch, at.y + height / 2},
                                      to_u32(curve.color), 2.5f * context.scale);
  ImGui::Dummy({swatch, height});
  ImGui::SameLine(0, 5 * context.scale);
  std::string label = group_of(curve);
  if (!curve.kind.empty()) label += " · " + curve.kind;
  ImGui::TextUnformatted(label.c_str());
  ImGui::PopFont();
}

void show_nearest(Context& context, const LinePlot& plot, const NearestPoint& nearest) {
  const Curve& curve = plot.curves[nearest.curve];
  ImGui::Separator();
  name_of(context, curve);
  push_font(context.fonts.small_mono);
  std::string text = plot.x.title + " " + format_value(nearest.point.x, plot.x.numbers) + ": " +
                     exact_value(nearest.point.y);
  if (nearest.smoothed)
    text += fmt::format("\nmean of {:.0f}: {}", curve.smoothing, exact_value(*nearest.smoothed));
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopFont();
}

} // namespace

std::string exact_value(double value) {
  // What was a float needs no more digits than tell floats apart.
  if (double(float(value)) == value) return fmt::format("{}", float(value));
  return fmt::format("{:.9g}", value);
}

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

void draw_nearest(Canvas& canvas, const LinePlot& plot, const NearestPoint& nearest, const PlotLayout& layout,
                  const PlotStyle& style) {
  const ClipScope clip(canvas, layout.area.inset(-3 * style.marker));
  const Point at{layout.x.position(nearest.point.x), layout.y.position(nearest.point.y)};
  if (!std::isfinite(at.x) || !std::isfinite(at.y)) return;
  const Stroke stroke{plot.curves[nearest.curve].color, style.line};
  if (nearest.smoothed) { // from the mean to the point itself
    const Point mean{at.x, layout.y.position(*nearest.smoothed)};
    if (std::isfinite(mean.y)) canvas.line(mean, at, {stroke.color.with_alpha(0.6f), style.hairline});
  }
  canvas.fill_circle(at, style.marker, style.theme.panel);
  canvas.stroke_circle(at, style.marker * 1.5f, stroke);
}

void show_readings(Context& context, const LinePlot& plot, const PlotLayout& layout,
                   const std::vector<Reading>& all, double x, const std::optional<NearestPoint>& nearest) {
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
  ImGui::BeginTooltip();
  push_font(context.fonts.small_semibold);
  ImGui::TextUnformatted((plot.x.title + " " + format_value(x, plot.x.numbers)).c_str());
  ImGui::PopFont();
  for (const VerticalMark& mark : plot.marks)
    if (const std::string& text = mark.note.empty() ? mark.label : mark.note;
        !text.empty() && std::abs(layout.x.position(mark.x) - layout.x.position(x)) <= 4 * context.scale)
      note(context, text, mark.color);
  const float mouse = ImGui::GetIO().MousePos.x;
  for (const Span& span : plot.spans)
    if (!span.note.empty() && mouse >= layout.x.position(span.x.low) &&
        mouse <= layout.x.position(span.x.high))
      note(context, span.note, context.theme.dim_text);
  if (!readings.empty() && ImGui::BeginTable("readings", 2, ImGuiTableFlags_SizingFixedFit)) {
    for (const Reading& r : readings) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      name_of(context, *r.curve);
      ImGui::TableNextColumn();
      push_font(context.fonts.small_mono);
      ImGui::TextUnformatted(format_value(r.point.y, plot.y.numbers).c_str());
      ImGui::PopFont();
    }
    ImGui::EndTable();
  }
  if (all.size() > readings.size()) ImGui::TextDisabled("and %zu more", all.size() - readings.size());
  if (nearest) show_nearest(context, plot, *nearest);
  ImGui::EndTooltip();
}

} // namespace plateau::widgets
