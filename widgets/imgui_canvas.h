// Canvas on an ImGui draw list.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <imgui.h>

#include "widgets/canvas.h"
#include "widgets/fonts.h"

namespace plateau::widgets {

/// OpenGL textures of pictures, made when a picture is first drawn and dropped when it has not been drawn
/// for a while. UI thread only, with the context current; without OpenGL (tests) pictures are not drawn.
class TextureCache {
public:
  TextureCache() = default;
  ~TextureCache();
  TextureCache(const TextureCache&) = delete;
  TextureCache& operator=(const TextureCache&) = delete;

  ImTextureID texture(const Image& image, Interpolation interpolation);
  /// Once per frame, after drawing.
  void end_frame();
  /// Before the OpenGL context goes away.
  void clear();
  std::size_t size() const { return textures_.size(); }
  /// Pictures sent to the GPU since the start.
  std::uint64_t uploads() const { return uploads_; }

private:
  struct Texture {
    unsigned name = 0;
    std::uint64_t last_used = 0;
  };
  std::unordered_map<std::uint64_t, Texture> textures_;
  std::uint64_t frame_ = 0, uploads_ = 0;
};

class ImGuiCanvas : public Canvas {
public:
  ImGuiCanvas(ImDrawList& list, const Fonts& fonts, TextureCache& textures);

  void polyline(std::span<const Point> points, const Stroke& stroke) override;
  void polygon(std::span<const Point> points, Color fill) override;
  void band(std::span<const Point> upper, std::span<const Point> lower, Color fill) override;
  void fill_rect(const Rect& rect, Color fill, float rounding = 0) override;
  void stroke_rect(const Rect& rect, const Stroke& stroke, float rounding = 0) override;
  void fill_circle(Point center, float radius, Color fill) override;
  void stroke_circle(Point center, float radius, const Stroke& stroke) override;
  void text(Point at, std::string_view utf8, const TextStyle& style) override;
  Size measure(std::string_view utf8, float size, FontFace face = FontFace::Regular) override;
  void image(const Rect& where, const Image& image, Interpolation interpolation) override;
  void push_clip(const Rect& rect) override;
  void pop_clip() override;
  float resolution() const override { return 1; }

private:
  ImDrawList& list_;
  const Fonts& fonts_;
  TextureCache& textures_;
  std::vector<ImVec2> scratch_;
};

} // namespace plateau::widgets
