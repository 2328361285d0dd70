#include "widgets/imgui_canvas.h"

#include <cmath>

#include "widgets/imgui_compat.h"

namespace plateau::widgets {
namespace {

bool is_gap(Point p) {
  return !std::isfinite(p.x) || !std::isfinite(p.y);
}

// ImGui mitres sharp corners into long spikes; noise has many. A line is cut where it turns by more than 90°.
bool turns_sharply(ImVec2 a, ImVec2 b, ImVec2 c) {
  return (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) < 0;
}

} // namespace

ImGuiCanvas::ImGuiCanvas(ImDrawList& list, const Fonts& fonts, TextureCache& textures)
    : list_(list), fonts_(fonts), textures_(textures) {}

void ImGuiCanvas::polyline(std::span<const Point> points, const Stroke& stroke) {
  const ImU32 color = to_u32(stroke.color);
  auto& run = scratch_;
  run.clear();
  const auto flush = [&] {
    if (run.size() > 1) {
      // Dense noise is nothing but steep strokes; smooth edges would cost it twice the vertices unseen.
      const bool dense = run.size() == 2 && points.size() > 2 && std::abs(run[1].x - run[0].x) < 1.5f;
      const ImDrawListFlags flags = list_.Flags;
      if (dense) list_.Flags &= ~ImDrawListFlags_AntiAliasedLines;
      list_.AddPolyline(run.data(), int(run.size()), color, 0, stroke.width);
      list_.Flags = flags;
    }
    run.clear();
  };
  if (stroke.dash == Dash::Solid) {
    for (const Point p : points) {
      if (is_gap(p)) {
        flush();
        continue;
      }
      const ImVec2 at = to_imgui(p);
      if (!run.empty() && std::abs(run.back().x - at.x) + std::abs(run.back().y - at.y) < 0.01f) continue;
      if (run.size() > 1 && turns_sharply(run[run.size() - 2], run.back(), at)) {
        const ImVec2 corner = run.back();
        flush();
        run.push_back(corner);
      }
      run.push_back(at);
    }
    flush();
    return;
  }
  float lengths[4];
  const auto pattern = dash_pattern(stroke.dash, stroke.width, lengths);
  std::size_t part = 0; // of the pattern; even parts are drawn
  float left = pattern[0];
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    if (is_gap(points[i]) || is_gap(points[i + 1])) {
      flush();
      part = 0, left = pattern[0];
      continue;
    }
    const ImVec2 a = to_imgui(points[i]), b = to_imgui(points[i + 1]);
    const float length = std::hypot(b.x - a.x, b.y - a.y);
    const auto along = [&](float s) {
      return ImVec2(a.x + (b.x - a.x) * s / length, a.y + (b.y - a.y) * s / length);
    };
    for (float done = 0; done < length;) {
      const float step = std::min(left, length - done);
      if (part % 2 == 0) {
        if (run.empty()) run.push_back(along(done));
        run.push_back(along(done + step));
      }
      done += step, left -= step;
      if (left > 1e-3f) continue;
      flush();
      part = (part + 1) % pattern.size(), left = pattern[part];
    }
  }
  flush();
}

void ImGuiCanvas::polygon(std::span<const Point> points, Color fill) {
  scratch_.clear();
  for (const Point p : points) scratch_.push_back(to_imgui(p));
  list_.AddConvexPolyFilled(scratch_.data(), int(scratch_.size()), to_u32(fill));
}

void ImGuiCanvas::band(std::span<const Point> upper, std::span<const Point> lower, Color fill) {
  const ImU32 color = to_u32(fill);
  const ImVec2 white = ImGui::GetFontTexUvWhitePixel();
  const std::size_t count = std::min(upper.size(), lower.size());
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (is_gap(upper[i]) || is_gap(upper[i + 1]) || is_gap(lower[i]) || is_gap(lower[i + 1])) continue;
    list_.PrimReserve(6, 4);
    list_.PrimQuadUV(to_imgui(upper[i]), to_imgui(upper[i + 1]), to_imgui(lower[i + 1]), to_imgui(lower[i]),
                     white, white, white, white, color);
  }
}

void ImGuiCanvas::fill_rect(const Rect& rect, Color fill, float rounding) {
  list_.AddRectFilled({rect.x, rect.y}, {rect.right(), rect.bottom()}, to_u32(fill), rounding);
}

void ImGuiCanvas::stroke_rect(const Rect& rect, const Stroke& stroke, float rounding) {
  list_.AddRect({rect.x, rect.y}, {rect.right(), rect.bottom()}, to_u32(stroke.color), rounding, 0,
                stroke.width);
}

void ImGuiCanvas::fill_circle(Point center, float radius, Color fill) {
  list_.AddCircleFilled(to_imgui(center), radius, to_u32(fill));
}

void ImGuiCanvas::stroke_circle(Point center, float radius, const Stroke& stroke) {
  list_.AddCircle(to_imgui(center), radius, to_u32(stroke.color), 0, stroke.width);
}

Size ImGuiCanvas::measure(std::string_view utf8, float size, FontFace face) {
  const auto [font, pixels] = fonts_.nearest(face, size);
  const ImVec2 extent =
      font->CalcTextSizeA(pixels, FLT_MAX, 0, utf8.data(), utf8.data() + utf8.size(), nullptr);
  return {extent.x, pixels};
}

void ImGuiCanvas::text(Point at, std::string_view utf8, const TextStyle& style) {
  if (utf8.empty()) return;
  const auto [font, pixels] = fonts_.nearest(style.face, style.size);
  const Size extent = measure(utf8, style.size, style.face);
  // Offset of the text's top left corner from `at`, in the direction of reading.
  float along = 0, down = 0;
  if (style.horizontal == Horizontal::Center) along = -extent.width / 2;
  if (style.horizontal == Horizontal::Right) along = -extent.width;
  const float ascent = font_ascent(font, pixels);
  if (style.vertical == Vertical::Baseline) down = -ascent;
  // The middle of capital letters, not of the box: that is what looks centred.
  if (style.vertical == Vertical::Middle) down = -ascent + 0.36f * style.size;
  if (style.vertical == Vertical::Bottom) down = -extent.height;
  const char *begin = utf8.data(), *end = begin + utf8.size();
  const ImU32 color = to_u32(style.color);
  if (!style.upwards) {
    list_.AddText(font, pixels, {std::round(at.x + along), std::round(at.y + down)}, color, begin, end);
    return;
  }
  // Written level, then turned about `at`. Text is clipped on the CPU while it is written, so the clip
  // rectangle is opened for that moment; the turned glyphs are clipped by the GPU as usual.
  const ImVec4 clip = list_._CmdHeader.ClipRect;
  list_._CmdHeader.ClipRect = {-1e6f, -1e6f, 1e6f, 1e6f};
  const int first = list_.VtxBuffer.Size;
  const ImVec2 origin{std::round(at.x), std::round(at.y)};
  list_.AddText(font, pixels, {origin.x + std::round(along), origin.y + std::round(down)}, color, begin, end);
  list_._CmdHeader.ClipRect = clip;
  for (int i = first; i < list_.VtxBuffer.Size; ++i) {
    ImVec2& p = list_.VtxBuffer[i].pos;
    p = {origin.x + (p.y - origin.y), origin.y - (p.x - origin.x)};
  }
}

void ImGuiCanvas::image(const Rect& where, const Image& image, Interpolation interpolation) {
  const ImTextureID texture = textures_.texture(image, interpolation);
  if (!texture) return;
  list_.AddImage(texture, {where.x, where.y}, {where.right(), where.bottom()});
}

void ImGuiCanvas::push_clip(const Rect& rect) {
  list_.PushClipRect({rect.x, rect.y}, {rect.right(), rect.bottom()}, true);
}

void ImGuiCanvas::pop_clip() {
  list_.PopClipRect();
}

} // namespace plateau::widgets
