// The numbers behind a figure as a table: what is drawn goes nowhere, what it says is written down.
#include <cmath>

#include <fmt/format.h>

#include "widgets/figure_files.h"
#include "widgets/figure_text.h"

namespace plateau::widgets {
namespace {

// A field of a CSV file (RFC 4180).
std::string field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string(); // shortest that reads back the same
}

class TableCanvas : public FileCanvas {
public:
  TableCanvas(const std::filesystem::path& path, Size size) : size_(size), file_(path) {
    file_.write("plot,series,x,y,z\n");
  }

  Size size() const override { return size_; }
  bool keeps_values() const override { return true; }
  void keep(std::string_view plot, std::string_view series, std::span<const Sample> samples) override {
    const std::string begin = field(plot) + "," + field(series) + ",";
    std::string lines;
    for (const Sample& s : samples)
      lines += begin + number(s.x) + "," + number(s.y) + "," + number(s.z) + "\n";
    file_.write(lines);
  }
  void finish() override { file_.finish(); }

  Size measure(std::string_view utf8, float size, FontFace face) override {
    return fonts_.measure(utf8, size, face);
  }
  void polyline(std::span<const Point>, const Stroke&) override {}
  void polygon(std::span<const Point>, Color) override {}
  void band(std::span<const Point>, std::span<const Point>, Color) override {}
  void fill_rect(const Rect&, Color, float) override {}
  void stroke_rect(const Rect&, const Stroke&, float) override {}
  void fill_circle(Point, float, Color) override {}
  void stroke_circle(Point, float, const Stroke&) override {}
  void text(Point, std::string_view, const TextStyle&) override {}
  void image(const Rect&, const Image&, Interpolation) override {}
  void push_clip(const Rect&) override {}
  void pop_clip() override {}

private:
  Size size_;
  FigureFonts fonts_; // a layout must not depend on where it is drawn
  WholeFile file_;
};

} // namespace

std::unique_ptr<FileCanvas> open_table(const std::filesystem::path& path, Size size) {
  return std::make_unique<TableCanvas>(path, size);
}

} // namespace plateau::widgets
