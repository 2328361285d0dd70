#include "tests/catch.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <regex>

#include <cairo.h>
#include <fmt/format.h>
#include <ft2build.h>
#include <unistd.h>
#include <zlib.h>
#include FT_FREETYPE_H

#include "widgets/file_canvas.h"
#include "widgets/line_plot.h"

using namespace plateau::widgets;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path =
      fs::temp_directory_path() / fmt::format("plateau-figures-{}-{}", ::getpid(), std::random_device()());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

LinePlot sample_plot() {
  LinePlot plot;
  plot.title = "Loss <of> \"two\" & more";
  plot.y.title = "loss τ";
  plot.x.range = Range{0, 1000};
  plot.y.range = Range{0, 2};
  Curve curve;
  curve.label = "ViT · seed 0";
  curve.color = rgb(0x123456);
  curve.data = CurveData::of({{0, 2}, {250, 1}, {500, 1}, {1000, 0.5}});
  plot.curves.push_back(curve);
  return plot;
}

void draw_sample(const fs::path& path) {
  const auto canvas =
      open_figure_file(path, {300, 200}, {"A title & more", "study eureka; seeds 0, 1; norm → softmax"});
  draw(*canvas, sample_plot(), Rect{0, 0, 300, 200}, print_style(print_theme()));
  canvas->finish();
}

// All text that a PDF shows, from its uncompressed content streams: the strings of Tj and TJ in order.
std::string pdf_text(const std::string& pdf) {
  std::string all;
  for (auto begin = pdf.find("stream\n"); begin != std::string::npos;
       begin = pdf.find("stream\n", begin + 7)) {
    if (begin >= 3 && pdf.compare(begin - 3, 3, "end") == 0) continue;
    std::string out(1 << 20, '\0');
    uLongf size = out.size();
    const auto* from = reinterpret_cast<const Bytef*>(pdf.data() + begin + 7);
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) continue;
    stream.next_in = const_cast<Bytef*>(from);
    stream.avail_in = uInt(pdf.size() - begin - 7);
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = uInt(size);
    const int status = inflate(&stream, Z_FINISH);
    const auto produced = stream.total_out;
    inflateEnd(&stream);
    if (status != Z_STREAM_END) continue;
    out.resize(produced);
    if (out.find("BT") == std::string::npos) continue;
    bool inside = false;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] == '\\' && inside && i + 1 < out.size())
        all += out[++i];
      else if (out[i] == '(' && !inside)
        inside = true;
      else if (out[i] == ')' && inside)
        inside = false;
      else if (inside)
        all += out[i];
    }
  }
  return all;
}

/// A PNG as a reader of its own sees it.
struct Pixels {
  explicit Pixels(const fs::path& path) : surface(cairo_image_surface_create_from_png(path.c_str())) {
    REQUIRE(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS);
    width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
  }
  ~Pixels() { cairo_surface_destroy(surface); }
  Pixels(const Pixels&) = delete;
  Pixels& operator=(const Pixels&) = delete;
  /// 0xRRGGBB
  std::uint32_t at(int x, int y) const {
    const auto* row = cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface);
    return reinterpret_cast<const std::uint32_t*>(row)[x] & 0xffffff;
  }
  cairo_surface_t* surface;
  int width = 0, height = 0;
};

std::string decoded(const std::string& base64) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : base64.substr(0, base64.find('='))) {
    bits = bits << 6 | std::uint32_t(letters.find(c));
    if ((held += 6) < 8) continue;
    held -= 8;
    bytes += char(bits >> held & 0xff);
  }
  return bytes;
}

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

} // namespace

TEST_CASE("SVG keeps text as text, escaped, with curve points at the places the axes say") {
  const Folder folder;
  const auto path = folder.path / "loss.svg";
  draw_sample(path);
  const std::string svg = contents(path);
  CHECK(svg.find("<title>A title &amp; more</title>") != std::string::npos);
  CHECK(svg.find("norm → softmax") != std::string::npos);
  CHECK(svg.find(">Loss &lt;of&gt; &quot;two&quot; &amp; more</text>") != std::string::npos);
  CHECK(svg.find(">loss τ</text>") != std::string::npos);
  CHECK(svg.find(">ViT · seed 0</text>") != std::string::npos);

  // Ticks by their text: x positions of "0" and "1 000" (centred below), y of "0.0" and "2.0".
  const auto tick = [&](const std::string& label, const char* anchor) {
    std::smatch match;
    const std::regex pattern("<text x=\"([0-9.]+)\" y=\"([0-9.]+)\"[^>]*text-anchor=\"" +
                             std::string(anchor) + "\"[^>]*>" + label + "</text>");
    REQUIRE(std::regex_search(svg, match, pattern));
    return Point{std::stof(match[1]), std::stof(match[2])};
  };
  const float left = tick("0", "middle").x, right = tick("1\u202f000", "middle").x;
  const float bottom = tick("0\\.0", "end").y, top = tick("2\\.0", "end").y;
  CHECK(right - left > 200);
  CHECK(bottom - top > 80);

  std::smatch match;
  REQUIRE(std::regex_search(
      svg, match,
      std::regex("<path d=\"M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)L([0-9.]+) "
                 "([0-9.]+)\" fill=\"none\" stroke=\"#123456\"")));
  const float middle = 0.36f * 7; // labels stand with the middle of their capitals on the tick
  const Point expected[] = {{left, top - middle},
                            {left + (right - left) / 4, (top + bottom) / 2 - middle},
                            {left + (right - left) / 2, (top + bottom) / 2 - middle},
                            {right, bottom - (bottom - top) / 4 - middle}};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::stof(match[1 + 2 * i]) == Approx(expected[i].x).margin(0.1));
    CHECK(std::stof(match[2 + 2 * i]) == Approx(expected[i].y).margin(0.1));
  }
}

TEST_CASE("SVG brings the characters of its text along, and no others") {
  const Folder folder;
  draw_sample(folder.path / "loss.svg");
  const std::string svg = contents(folder.path / "loss.svg");
  std::smatch match;
  REQUIRE(std::regex_search(svg, match,
                            std::regex("@font-face\\{font-family:\"Inter\";font-weight:400;"
                                       "src:url\\(data:font/otf;base64,([A-Za-z0-9+/=]+)\\)\\}")));
  CHECK(svg.find("font-weight:600;src:url") != std::string::npos); // the title
  const std::string font = decoded(match[1]);
  CHECK(font.size() < 20'000); // all of Inter has 270 kB
  FT_Library library = nullptr;
  FT_Face face = nullptr;
  REQUIRE(FT_Init_FreeType(&library) == 0);
  REQUIRE(FT_New_Memory_Face(library, reinterpret_cast<const FT_Byte*>(font.data()), FT_Long(font.size()), 0,
                             &face) == 0);
  for (const char32_t letter : std::u32string_view(U"lossτViTed01")) {
    CHECK(FT_Get_Char_Index(face, letter) != 0);
    CHECK(FT_Load_Char(face, letter, FT_LOAD_NO_SCALE) == 0);
  }
  CHECK(FT_Get_Char_Index(face, 'Q') == 0);
  FT_Done_Face(face);
  FT_Done_FreeType(library);
}

TEST_CASE("PDF holds its text, fonts and provenance") {
  const Folder folder;
  const auto path = folder.path / "loss.PDF"; // the suffix in capitals will do
  draw_sample(path);
  const std::string pdf = contents(path);
  CHECK(pdf.starts_with("%PDF-"));
  CHECK(pdf.find("Inter-Regular") != std::string::npos);
  CHECK(pdf.find("/FontFile") != std::string::npos); // embedded
  CHECK(pdf.find("A title & more") != std::string::npos);
  const std::string text = pdf_text(pdf);
  INFO(text);
  CHECK(text.find("step") != std::string::npos);
  CHECK(text.find("ViT") != std::string::npos);
  CHECK(text.find("0.5") != std::string::npos);
}

TEST_CASE("PNG has 300 dpi and carries its provenance in valid chunks") {
  const Folder folder;
  const auto path = folder.path / "loss.png";
  draw_sample(path);
  const std::string png = contents(path);
  REQUIRE(png.starts_with("\x89PNG\r\n\x1a\n"));
  CHECK(number_at(png, 16) == 1250); // 300 pt
  CHECK(number_at(png, 20) == 833);
  std::string texts;
  std::size_t at = 8;
  std::string last;
  while (at + 12 <= png.size()) {
    const auto size = number_at(png, at);
    const std::string chunk = png.substr(at + 4, 4 + size);
    CHECK(crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), uInt(chunk.size())) ==
          number_at(png, at + 8 + size));
    last = chunk.substr(0, 4);
    if (last == "iTXt") texts += chunk;
    at += 12 + size;
  }
  CHECK(at == png.size());
  CHECK(last == "IEND");
  CHECK(texts.find("A title & more") != std::string::npos);
  CHECK(texts.find("norm → softmax") != std::string::npos);
}

TEST_CASE("PNG holds what was drawn, pixel by pixel") {
  const Folder folder;
  const auto path = folder.path / "squares.png";
  {
    const auto canvas = open_figure_file(path, {24, 12}, {});
    canvas->fill_rect({0, 0, 24, 12}, rgb(0xffffff));
    canvas->fill_rect({0, 0, 12, 6}, rgb(0x123456));
    canvas->fill_rect({12, 6, 12, 6}, rgb(0xfedcba));
    canvas->finish();
  }
  const Pixels squares(path);
  REQUIRE(squares.width == 100); // 300 dpi
  REQUIRE(squares.height == 50);
  int wrong = 0;
  for (int y = 0; y < 50; ++y)
    for (int x = 0; x < 100; ++x)
      wrong += squares.at(x, y) != (x < 50 && y < 25     ? 0x123456u
                                    : x >= 50 && y >= 25 ? 0xfedcbau
                                                         : 0xffffffu);
  CHECK(wrong == 0);

  // A plot: its curve is where SVG has it.
  draw_sample(folder.path / "loss.png");
  draw_sample(folder.path / "loss.svg");
  const std::string svg = contents(folder.path / "loss.svg");
  std::smatch match;
  REQUIRE(std::regex_search(
      svg, match,
      std::regex("<path d=\"M[0-9.]+ [0-9.]+L([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)L[0-9.]+ [0-9.]+\" "
                 "fill=\"none\" stroke=\"#123456\"")));
  const Pixels plot(folder.path / "loss.png");
  constexpr float scale = 300 / 72.f;
  const int y = int(std::stof(match[2]) * scale);
  for (const float share : {0.1f, 0.4f, 0.6f, 0.9f}) { // along its level part
    const int x = int((std::stof(match[1]) * (1 - share) + std::stof(match[3]) * share) * scale);
    CHECK(plot.at(x, y) == 0x123456);
    CHECK(plot.at(x, y - 30) != 0x123456);
  }
}

TEST_CASE("a table of numbers holds a band's ends inside the axis that is shown") {
  const Folder folder;
  LinePlot plot = sample_plot();
  plot.title = "bands";
  plot.curves.clear();
  plot.x.range = Range{100, 300};
  plot.bands.push_back({.color = rgb(0x123456),
                        .x = {0, 100, 200, 300, 400},
                        .low = {0, 1, 2, 3, 4},
                        .high = {10, 11, 12, 13, 14},
                        .group = "ViT"});
  const auto path = folder.path / "bands.csv";
  const auto canvas = open_figure_file(path, {300, 200}, {});
  draw(*canvas, plot, Rect{0, 0, 300, 200}, print_style(print_theme()));
  canvas->finish();
  CHECK(contents(path) == "plot,series,x,y,z\n"
                          "bands,\"ViT, low\",100,1,\nbands,\"ViT, low\",200,2,\nbands,\"ViT, low\",300,3,\n"
                          "bands,\"ViT, high\",100,11,\nbands,\"ViT, high\",200,12,\nbands,\"ViT, "
                          "high\",300,13,\n");
}

TEST_CASE("a figure that is not finished leaves nothing behind and no old file is harmed") {
  const Folder folder;
  for (const auto& suffix : figure_suffixes()) {
    const auto path = folder.path / ("figure" + suffix);
    { std::ofstream(path) << "old"; }
    { const auto canvas = open_figure_file(path, {100, 100}, {}); }
    CHECK(contents(path) == "old");
    const auto canvas = open_figure_file(path, {100, 100}, {});
    canvas->fill_rect({0, 0, 10, 10}, rgb(0));
    canvas->finish();
    CHECK(contents(path).size() > 50);
  }
  CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) ==
        std::ptrdiff_t(figure_suffixes().size()));
}

TEST_CASE("places that cannot be written and wrong suffixes are refused with the path") {
  const Folder folder;
  CHECK_THROWS_WITH(open_figure_file(folder.path / "none" / "a.pdf", {100, 100}, {}),
                    ContainsSubstring("a.pdf") && ContainsSubstring("No such file or directory"));
  CHECK_THROWS_WITH(open_figure_file(folder.path / "a.jpg", {100, 100}, {}),
                    ContainsSubstring(".pdf, .svg or .png"));
  fs::create_directory(folder.path / "b.svg");
  CHECK_THROWS_WITH(open_figure_file(folder.path / "b.svg", {100, 100}, {}), ContainsSubstring("folder"));
  CHECK_THROWS_AS(open_figure_file(folder.path / "a.pdf", {0, 100}, {}), FileError);
}

TEST_CASE("characters that Inter lacks come from the fallback font") {
  const Folder folder;
  const auto canvas = open_figure_file(folder.path / "a.svg", {100, 100}, {});
  CHECK(canvas->measure("∈", 10).width > 3);
  CHECK(canvas->measure("abc∈", 10).width ==
        Approx(canvas->measure("abc", 10).width + canvas->measure("∈", 10).width));
  CHECK(canvas->measure("", 10).width == 0);
  CHECK(canvas->measure("loss", 20).width == Approx(2 * canvas->measure("loss", 10).width));
  CHECK(fit_text(*canvas, "attention.temperature", 60, 10).ends_with("…"));
  CHECK(fit_text(*canvas, "loss", 60, 10) == "loss");
  CHECK(fit_text(*canvas, "loss", 1, 10).empty());
}
