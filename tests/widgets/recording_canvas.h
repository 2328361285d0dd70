// A canvas that writes down what is drawn; text has made-up but plausible sizes, so that no font is needed.
#pragma once

#include <string>
#include <vector>

#include "widgets/canvas.h"

namespace plateau::test {

class RecordingCanvas : public widgets::Canvas {
public:
  struct Text {
    widgets::Rect box;
    std::string text;
    widgets::TextStyle style;
  };
  struct Line {
    std::vector<widgets::Point> points;
    widgets::Stroke stroke;
  };

  void polyline(std::span<const widgets::Point> points, const widgets::Stroke& stroke) override {
    lines.push_back({{points.begin(), points.end()}, stroke});
  }
  void polygon(std::span<const widgets::Point>, widgets::Color) override {}
  void band(std::span<const widgets::Point> upper, std::span<const widgets::Point>, widgets::Color) override {
    bands.push_back({upper.begin(), upper.end()});
  }
  void fill_rect(const widgets::Rect& rect, widgets::Color, float) override { rects.push_back(rect); }
  void stroke_rect(const widgets::Rect&, const widgets::Stroke&, float) override {}
  void fill_circle(widgets::Point center, float, widgets::Color) override { circles.push_back(center); }
  void stroke_circle(widgets::Point, float, const widgets::Stroke&) override {}

  void text(widgets::Point at, std::string_view utf8, const widgets::TextStyle& style) override {
    if (utf8.empty()) return;
    const auto size = measure(utf8, style.size, style.face);
    using widgets::Horizontal, widgets::Vertical;
    const float along = style.horizontal == Horizontal::Left     ? 0
                        : style.horizontal == Horizontal::Center ? -size.width / 2
                                                                 : -size.width;
    const float up = style.vertical == Vertical::Top      ? 0
                     : style.vertical == Vertical::Middle ? -size.height / 2
                     : style.vertical == Vertical::Bottom ? -size.height
                                                          : -size.height * 0.8f;
    const widgets::Rect box =
        style.upwards ? widgets::Rect{at.x + up, at.y - along - size.width, size.height, size.width}
                      : widgets::Rect{at.x + along, at.y + up, size.width, size.height};
    texts.push_back({box, std::string(utf8), style});
  }

  widgets::Size measure(std::string_view utf8, float size, widgets::FontFace) override {
    int characters = 0;
    for (const char c : utf8) characters += (c & 0xC0) != 0x80;
    return {0.6f * size * float(characters), size};
  }

  void image(const widgets::Rect& where, const widgets::Image&, widgets::Interpolation) override {
    images.push_back(where);
  }
  void push_clip(const widgets::Rect&) override { ++clips; }
  void pop_clip() override { --clips; }
  float resolution() const override { return 1; }

  std::vector<Text> texts;
  std::vector<Line> lines;
  std::vector<std::vector<widgets::Point>> bands;
  std::vector<widgets::Rect> rects, images;
  std::vector<widgets::Point> circles;
  int clips = 0;
};

} // namespace plateau::test
