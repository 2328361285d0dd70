// SVG written by ourselves: Cairo turns text into outlines, here it stays text that can be edited and found.
#include <cmath>

#include <fmt/format.h>

#include "widgets/figure_files.h"
#include "widgets/figure_text.h"
#include "widgets/svg_fonts.h"

namespace plateau::widgets {
namespace {

std::string number(float value) {
  std::string text = fmt::format("{:.2f}", value); // fmt does not look at the locale
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string hex(Color color) {
  const auto channel = [](float v) { return int(std::lround(std::clamp(v, 0.f, 1.f) * 255)); };
  return fmt::format("#{:02x}{:02x}{:02x}", channel(color.r), channel(color.g), channel(color.b));
}

std::string fill_attributes(Color color) {
  return color.a >= 1 ? fmt::format("fill=\"{}\"", hex(color))
                      : fmt::format("fill=\"{}\" fill-opacity=\"{}\"", hex(color), number(color.a));
}

std::string stroke_attributes(const Stroke& stroke) {
  std::string text =
      fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", hex(stroke.color), number(stroke.width));
  if (stroke.color.a < 1) text += fmt::format(" stroke-opacity=\"{}\"", number(stroke.color.a));
  float lengths[4];
  const auto pattern = dash_pattern(stroke.dash, stroke.width, lengths);
  if (pattern.empty()) return text;
  text += " stroke-dasharray=\"";
  for (const float length : pattern) text += number(length) + " ";
  text.back() = '"';
  return text;
}

class SvgCanvas : public FileCanvas {
public:
  SvgCanvas(const std::filesystem::path& path, Size size, const Metadata& metadata)
      : size_(size), file_(path) {
    body_ = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}pt\" height=\"{1}pt\" "
                        "viewBox=\"0 0 {0} {1}\" stroke-linejoin=\"round\">\n"
                        "<title>{2}</title>\n<desc>{3}</desc>\n",
                        number(size.width), number(size.height), escape_xml(metadata.title),
                        escape_xml(metadata.provenance));
  }

  Size size() const override { return size_; }

  void polyline(std::span<const Point> points, const Stroke& stroke) override {
    std::string path;
    bool pen_down = false;
    for (const Point p : points) {
      const bool here = std::isfinite(p.x) && std::isfinite(p.y);
      if (here) path += fmt::format("{}{} {}", pen_down ? 'L' : 'M', number(p.x), number(p.y));
      pen_down = here;
    }
    if (!path.empty()) add("<path d=\"{}\" {}/>\n", path, stroke_attributes(stroke));
  }

  void polygon(std::span<const Point> points, Color fill) override {
    std::string list;
    for (const Point p : points) list += fmt::format("{},{} ", number(p.x), number(p.y));
    add("<polygon points=\"{}\" {}/>\n", list, fill_attributes(fill));
  }

  void band(std::span<const Point> upper, std::span<const Point> lower, Color fill) override {
    const std::size_t count = std::min(upper.size(), lower.size());
    std::string path;
    for (std::size_t begin = 0; begin < count;) {
      std::size_t end = begin;
      while (end < count && std::isfinite(upper[end].x) && std::isfinite(upper[end].y) &&
             std::isfinite(lower[end].y))
        ++end;
      for (std::size_t i = begin; i < end; ++i)
        path += fmt::format("{}{} {}", i == begin ? 'M' : 'L', number(upper[i].x), number(upper[i].y));
      for (std::size_t i = end; i-- > begin;)
        path += fmt::format("L{} {}", number(lower[i].x), number(lower[i].y));
      if (end > begin) path += 'Z';
      begin = end + 1;
    }
    if (!path.empty()) add("<path d=\"{}\" {}/>\n", path, fill_attributes(fill));
  }

  void fill_rect(const Rect& r, Color fill, float rounding) override {
    add("<rect {} {}/>\n", rect_attributes(r, rounding), fill_attributes(fill));
  }
  void stroke_rect(const Rect& r, const Stroke& stroke, float rounding) override {
    add("<rect {} {}/>\n", rect_attributes(r, rounding), stroke_attributes(stroke));
  }
  void fill_circle(Point c, float radius, Color fill) override {
    add("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>\n", number(c.x), number(c.y), number(radius),
        fill_attributes(fill));
  }
  void stroke_circle(Point c, float radius, const Stroke& stroke) override {
    add("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>\n", number(c.x), number(c.y), number(radius),
        stroke_attributes(stroke));
  }

  // Aligned by the viewer (text-anchor): programs that do not heed embedded fonts may take another in place
  // of Inter.
  void text(Point at, std::string_view utf8, const TextStyle& style) override {
    if (utf8.empty()) return;
    embedded_.add(fonts_, utf8, style.face);
    TextStyle left = style;
    left.horizontal = Horizontal::Left;
    const Point offset = text_offset(fonts_, utf8, left);
    const char* anchor = style.horizontal == Horizontal::Center  ? " text-anchor=\"middle\""
                         : style.horizontal == Horizontal::Right ? " text-anchor=\"end\""
                                                                 : "";
    const char* family = style.face == FontFace::Mono
                             ? "JetBrains Mono, DejaVu Sans Mono, DejaVu Sans, monospace"
                             : "Inter, Helvetica Neue, Arial, DejaVu Sans, sans-serif";
    const std::string place = style.upwards
                                  ? fmt::format("x=\"0\" y=\"{}\" transform=\"translate({} {}) rotate(-90)\"",
                                                number(offset.y), number(at.x), number(at.y))
                                  : fmt::format("x=\"{}\" y=\"{}\"", number(at.x), number(at.y + offset.y));
    add("<text {} font-family=\"{}\" font-size=\"{}\"{}{} {}>{}</text>\n", place, family, number(style.size),
        style.face == FontFace::Semibold ? " font-weight=\"600\"" : "", anchor, fill_attributes(style.color),
        escape_xml(utf8));
  }

  Size measure(std::string_view utf8, float size, FontFace face) override {
    return fonts_.measure(utf8, size, face);
  }

  void image(const Rect& r, const Image& image, Interpolation interpolation) override {
    if (image.width() == 0 || image.height() == 0) return;
    add("<image {} preserveAspectRatio=\"none\"{} href=\"data:image/png;base64,{}\"/>\n",
        rect_attributes(r, 0),
        interpolation == Interpolation::Nearest ? " style=\"image-rendering:pixelated\"" : "",
        base64(encode_png(image, sharp_factor(image, interpolation))));
  }

  void push_clip(const Rect& r) override {
    ++clips_;
    add("<clipPath id=\"clip{0}\"><rect {1}/></clipPath>\n<g clip-path=\"url(#clip{0})\">\n", clips_,
        rect_attributes(r, 0));
  }
  void pop_clip() override { body_ += "</g>\n"; }

  void finish() override {
    body_ += embedded_.style() + "</svg>\n";
    file_.write(body_);
    file_.finish();
  }

private:
  template<class... Parts> void add(fmt::format_string<Parts...> format, Parts&&... parts) {
    fmt::format_to(std::back_inserter(body_), format, std::forward<Parts>(parts)...);
  }
  static std::string rect_attributes(const Rect& r, float rounding) {
    std::string text = fmt::format("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", number(r.x), number(r.y),
                                   number(r.width), number(r.height));
    if (rounding > 0) text += fmt::format(" rx=\"{}\"", number(rounding));
    return text;
  }

  Size size_;
  FigureFonts fonts_;
  SvgFonts embedded_;
  WholeFile file_;
  std::string body_;
  int clips_ = 0;
};

} // namespace

std::unique_ptr<FileCanvas> open_svg(const std::filesystem::path& path, Size size, const Metadata& metadata) {
  return std::make_unique<SvgCanvas>(path, size, metadata);
}

} // namespace plateau::widgets
