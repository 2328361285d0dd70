// Text of figures in files: what stands where in SVG, and that a reader of PDF finds the same words at the
// same places, in fonts that travel with the file.
#include "tests/catch.h"

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

using namespace plateau;
using namespace plateau::figures;
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

Page sample_page() {
  auto recipe = load_recipe("eureka");
  recipe.page.letters = true;
  return make_page(recipe, {test::synthetic_snapshot(), nullptr, {}, test::synthetic_frame});
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (!pipe) return text;
  char part[4096];
  while (const auto size = std::fread(part, 1, sizeof part, pipe)) text.append(part, size);
  pclose(pipe);
  return text;
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
