#include "engine/recording/safetensors.h"

#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace scratch;

using recording::NamedTensor;

namespace {

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const std::vector<NamedTensor> tensors{
    {"weights", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6.5f}},
    {"targets", {2}, std::vector<std::int64_t>{7, -8}},
    {"scalar", {}, std::vector<float>{0.25f}},
    {"nothing", {0, 4}, std::vector<float>{}},
};

} // namespace

TEST_CASE("a safetensors file keeps the rules of its format") {
  const Folder folder;
  recording::write_safetensors(folder / "x.safetensors", tensors, {{"study", "say \"eureka\""}});
  const auto bytes = bytes_of(folder / "x.safetensors");
  std::uint64_t header_size = 0;
  REQUIRE(bytes.size() > 8);
  std::memcpy(&header_size, bytes.data(), 8);
  REQUIRE(8 + header_size <= bytes.size());
  CHECK(header_size % 8 == 0);
  CHECK(bytes[8] == '{');
  const auto header = nlohmann::json::parse(bytes.substr(8, header_size));
  CHECK(header.at("__metadata__") == nlohmann::json{{"study", "say \"eureka\""}});

  // The data are covered exactly once, without holes, and each tensor is aligned to its numbers.
  std::map<std::size_t, std::size_t> spans;
  std::size_t found = 0;
  for (const auto& tensor : tensors) {
    const auto& entry = header.at(tensor.name);
    CHECK(entry.at("shape").get<std::vector<std::int64_t>>() == tensor.shape);
    const auto begin = entry.at("data_offsets")[0].get<std::size_t>();
    const auto end = entry.at("data_offsets")[1].get<std::size_t>();
    const char* data = bytes.data() + 8 + header_size + begin;
    if (end > begin) spans[begin] = end;
    std::visit(
        [&](const auto& values) {
          using Number = typename std::decay_t<decltype(values)>::value_type;
          CHECK(entry.at("dtype") == (std::is_same_v<Number, float> ? "F32" : "I64"));
          CHECK(begin % sizeof(Number) == 0);
          REQUIRE(end - begin == values.size() * sizeof(Number));
          std::vector<Number> read(values.size());
          std::copy(data, data + (end - begin), reinterpret_cast<char*>(read.data()));
          CHECK(read == values);
        },
        tensor.data);
    ++found;
  }
  CHECK(header.size() == found + 1);
  std::size_t expected = 0;
  for (const auto& [begin, end] : spans) {
    CHECK(begin == expected);
    expected = end;
  }
  CHECK(8 + header_size + expected == bytes.size());
}

TEST_CASE("what can not be a safetensors file is refused") {
  const Folder folder;
  const auto file = folder / "x.safetensors";
  const auto failure = [&](const std::vector<NamedTensor>& wrong) {
    return message<RunError>([&] { recording::write_safetensors(file, wrong, {}); });
  };
  CHECK_THAT(failure({{"a", {3}, std::vector<float>{1}}}),
             ContainsSubstring("'a' holds 1 numbers, its shape 3"));
  CHECK_THAT(failure({{"a", {}, std::vector<float>{1}}, {"a", {}, std::vector<float>{1}}}),
             ContainsSubstring("'a'"));
  CHECK_THAT(failure({{"__metadata__", {}, std::vector<float>{1}}}), ContainsSubstring("__metadata__"));
  CHECK_FALSE(fs::exists(file));
  CHECK_THAT(message<InputError>([&] { recording::write_safetensors(folder / "no/x", tensors, {}); }),
             ContainsSubstring("can not write") && ContainsSubstring("No such file"));
  if (fs::exists("/dev/full"))
    CHECK_THAT(message<RunError>([&] { recording::write_safetensors("/dev/full", tensors, {}); }),
               ContainsSubstring("No space left"));
}

TEST_CASE("a safetensors file takes its name when it is whole") {
  const Folder folder;
  std::ofstream(folder / "real.safetensors") << "old";
  fs::create_symlink("real.safetensors", folder / "x.safetensors");
  const std::vector<NamedTensor> large{{"a", {100'000}, std::vector<float>(100'000)}};
  const auto write = [&] { recording::write_safetensors(folder / "x.safetensors", large, {}); };
  {
    const FullDisk full;
    CHECK_THAT(message<RunError>(write), ContainsSubstring("failed: File too large"));
  }
  const std::vector<std::string> both{"real.safetensors", "x.safetensors"};
  CHECK(folder.names() == both);
  CHECK(fs::file_size(folder / "real.safetensors") == 3);
  write();
  CHECK(folder.names() == both);
  CHECK(fs::is_symlink(folder / "x.safetensors"));
  CHECK(fs::file_size(folder / "real.safetensors") > 400'000);
}
