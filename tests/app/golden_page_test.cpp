// Text and lines of figures in files: what stands where in SVG, and that a reader of PDF finds the same words
// and the same lines at the same places, in fonts that travel with the file.
#include "tests/catch.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include <fmt/format.h>

#include "app/figures/compose.h"
#include "tests/app/plateau_process.h"
#include "tests/gui/synthetic_run.h"
#include "tests/output_of.h"

using namespace plateau;
using namespace plateau::figures;
using test::output_of;
using test::Scratch;

namespace {

struct Word {
  float x = 0, y = 0;
  bool begins = true;   // x is its left edge
  bool upwards = false; // read from below
  std::string text;
};

std::string unescaped(std::string text) {
  for (const auto& [escape, character] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}})
    for (auto at = text.find(escape); at != std::string::npos; at = text.find(escape, at + 1))
      text.replace(at, std::string(escape).size(), character);
  return text;
}

std::vector<Word> words_of_svg(const std::string& svg) {
  std::vector<Word> words;
  const std::regex element(
      "<text x=\"([-0-9.]+)\" y=\"([-0-9.]+)\"( transform=\"translate\\(([-0-9.]+) ([-0-9.]+)\\))?"
      "([^>]*)>([^<]*)</text>");
  for (std::sregex_iterator it(svg.begin(), svg.end(), element), end; it != end; ++it) {
    const auto& m = *it;
    Word word;
    word.upwards = m[3].matched;
    word.x = std::stof(m[word.upwards ? 4 : 1]), word.y = std::stof(m[word.upwards ? 5 : 2]);
    word.begins = m[6].str().find("text-anchor") == std::string::npos;
    word.text = unescaped(m[7]);
    words.push_back(std::move(word));
  }
  return words;
}

struct Line {
  std::vector<widgets::Point> points; // of all its parts
  widgets::Rect box() const {
    const auto [left, right] = std::ranges::minmax(points, {}, &widgets::Point::x);
    const auto [top, bottom] = std::ranges::minmax(points, {}, &widgets::Point::y);
    return {left.x, top.y, right.x - left.x, bottom.y - top.y};
  }
};

/// Of the path elements that `stroked` marks in `svg`, those of straight parts and not closed.
std::vector<Line> lines_of_svg(const std::string& svg, const std::string& stroked) {
  std::vector<Line> lines;
  for (auto at = svg.find("<path "); at != std::string::npos; at = svg.find("<path ", at + 1)) {
    const auto element = svg.substr(at, svg.find("/>", at) - at);
    const auto begin = element.find(" d=\"") + 4, end = element.find('"', begin);
    auto path = element.substr(begin, end - begin);
    if (element.find(stroked) == std::string::npos || path.find_first_of("CZ") != std::string::npos) continue;
    std::ranges::replace_if(
        path, [](char c) { return c == 'M' || c == 'L'; }, ' ');
    std::istringstream numbers(path);
    Line line;
    for (widgets::Point point; numbers >> point.x >> point.y;) line.points.push_back(point);
    if (!line.points.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

Page sample_page() {
  auto recipe = load_recipe("eureka");
  recipe.page.letters = true;
  return make_page(recipe, {test::synthetic_snapshot(), nullptr, {}, test::synthetic_frame});
}

bool poppler_available() {
  static const bool there = std::system("pdftotext -v > /dev/null 2>&1 && pdffonts -v > /dev/null 2>&1") == 0;
  if (!there) WARN("poppler-utils is not installed: PDF is not read back");
  return there;
}

} // namespace

TEST_CASE("each text of a page stands where it always stood") {
  const Scratch scratch;
  write_page(sample_page(), (scratch / "page.svg").string());
  const auto words = words_of_svg(test::read_file(scratch / "page.svg"));
  const std::string golden = PLATEAU_SOURCE_FOLDER "/tests/app/golden/eureka-page.txt";
  if (std::getenv("PLATEAU_WRITE_GOLDEN")) { // after a change that is meant: look at the difference
    std::ofstream file(golden);
    for (const auto& word : words) file << fmt::format("{:.1f}\t{:.1f}\t{}\n", word.x, word.y, word.text);
  }
  std::ifstream file(golden);
  REQUIRE(file.is_open());
  std::size_t i = 0;
  for (std::string line; std::getline(file, line); ++i) {
    std::istringstream fields(line);
    float x = 0, y = 0;
    std::string text;
    fields >> x >> y;
    fields.ignore();
    std::getline(fields, text);
    REQUIRE(i < words.size());
    INFO(line);
    CHECK(words[i].text == text);
    CHECK(words[i].x == Approx(x).margin(1)); // fonts differ a little between releases
    CHECK(words[i].y == Approx(y).margin(1));
  }
  CHECK(i == words.size());
}

TEST_CASE("each line of a page runs where it always ran") {
  const Scratch scratch;
  write_page(sample_page(), (scratch / "page.svg").string());
  const auto lines = lines_of_svg(test::read_file(scratch / "page.svg"), "fill=\"none\"");
  const std::string golden = PLATEAU_SOURCE_FOLDER "/tests/app/golden/eureka-page-lines.txt";
  if (std::getenv("PLATEAU_WRITE_GOLDEN")) {
    std::ofstream file(golden);
    for (const auto& line : lines) {
      const auto box = line.box();
      file << fmt::format("{}\t{:.1f}\t{:.1f}\t{:.1f}\t{:.1f}\n", line.points.size(), box.x, box.y,
                          box.right(), box.bottom());
    }
  }
  std::ifstream file(golden);
  REQUIRE(file.is_open());
  std::size_t i = 0, points = 0;
  for (float left, top, right, bottom; file >> points >> left >> top >> right >> bottom; ++i) {
    REQUIRE(i < lines.size());
    INFO("line " << i + 1);
    CHECK(lines[i].points.size() == points);
    const auto box = lines[i].box();
    CHECK(box.x == Approx(left).margin(1)); // as wide as the labels beside it, in another release's font
    CHECK(box.y == Approx(top).margin(1));
    CHECK(box.right() == Approx(right).margin(1));
    CHECK(box.bottom() == Approx(bottom).margin(1));
  }
  CHECK(i == lines.size());
  CHECK(i > 40);
}

TEST_CASE("PDF has the lines of SVG at the same places") {
  if (!poppler_available()) return;
  const Scratch scratch;
  const auto page = sample_page();
  write_page(page, (scratch / "page.svg").string());
  write_page(page, (scratch / "page.pdf").string());
  const auto lines = lines_of_svg(test::read_file(scratch / "page.svg"), "fill=\"none\"");
  // Poppler's picture of the PDF keeps its numbers, and turns them by a transformation.
  const auto found =
      lines_of_svg(output_of("pdftocairo -svg '" + (scratch / "page.pdf").string() + "' -"), "fill:none");
  REQUIRE(found.size() == lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    INFO("line " << i + 1);
    // Cairo leaves out points on the way from one to the next.
    const auto& all = lines[i].points;
    std::size_t at = 0, met = 0;
    for (const auto point : found[i].points) {
      while (at < all.size() &&
             !(std::abs(all[at].x - point.x) < 0.05f && std::abs(all[at].y - point.y) < 0.05f))
        ++at;
      met += at < all.size();
    }
    CHECK(met == found[i].points.size());
    CHECK(at + 1 == all.size()); // to its end
  }
}

TEST_CASE("PDF has the words of SVG at the same places, in embedded fonts, and says where it came from") {
  if (!poppler_available()) return;
  const Scratch scratch;
  const auto page = sample_page();
  write_page(page, (scratch / "page.svg").string());
  write_page(page, (scratch / "page.pdf").string());
  const std::string pdf = "'" + (scratch / "page.pdf").string() + "'";

  struct Box {
    float left, top, right, bottom;
    std::string text;
    bool contains(float x, float y) const {
      return x > left - 1.5f && x < right + 1.5f && y > top - 1.5f && y < bottom + 1.5f;
    }
  };
  std::vector<Box> boxes;
  const std::string found = output_of("pdftotext -bbox " + pdf + " -");
  const std::regex element(
      "<word xMin=\"([-0-9.]+)\" yMin=\"([-0-9.]+)\" xMax=\"([-0-9.]+)\" yMax=\"([-0-9.]+)\">"
      "([^<]*)</word>");
  for (std::sregex_iterator it(found.begin(), found.end(), element), end; it != end; ++it)
    boxes.push_back({std::stof((*it)[1]), std::stof((*it)[2]), std::stof((*it)[3]), std::stof((*it)[4]),
                     unescaped((*it)[5])});
  CHECK(boxes.size() > 50);
  int compared = 0;
  for (const Word& word : words_of_svg(test::read_file(scratch / "page.svg"))) {
    if (word.text.empty()) continue;
    // Its first characters, up to where a reader may part it.
    const std::string first = word.text.substr(0, word.text.find_first_of(" \xe2"));
    if (first.empty()) continue;
    INFO(word.text);
    CHECK(std::ranges::any_of(boxes, [&](const Box& box) {
      const bool same = box.text.find(first) != std::string::npos;
      return same && (!word.begins || word.upwards || box.contains(word.x, word.y));
    }));
    ++compared;
  }
  CHECK(compared > 50);

  std::istringstream fonts(output_of("pdffonts " + pdf));
  int embedded = 0;
  for (std::string line; std::getline(fonts, line);) {
    if (line.find("Inter") == std::string::npos && line.find("DejaVu") == std::string::npos) continue;
    INFO(line);
    CHECK(std::regex_search(line,
                            std::regex("yes +yes +yes"))); // embedded, the glyphs in use, readable as Unicode
    ++embedded;
  }
  CHECK(embedded >= 2);
  const auto about = output_of("pdfinfo " + pdf);
  CHECK_THAT(about, ContainsSubstring("A plateau and the Eureka-moment") && ContainsSubstring("; study ") &&
                        ContainsSubstring("figures: a: loss"));
}

TEST_CASE("SVG and PNG carry where they came from") {
  const Scratch scratch;
  const auto page = sample_page();
  for (const char* name : {"page.svg", "page.png"}) {
    write_page(page, (scratch / name).string());
    const auto file = test::read_file(scratch / name);
    for (const char* part :
         {"A plateau and the Eureka-moment", "Plateau ", "; study ", "(seed ", "figures: a: loss"})
      CHECK_THAT(file, ContainsSubstring(part));
  }
}
