// Event files are read back by a reader of their own: records, both checksums (bit by bit), messages.
#include <fstream>
#include <iterator>
#include <map>

#include <zlib.h>

#include "engine/recording/event_file.h"
#include "engine/recording/tensorboard.h"
#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace scratch;

using recording::Reader;
using recording::Writer;

namespace {

std::uint32_t slow_crc32c(const std::string& bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78U : crc >> 1;
  }
  return crc ^ 0xffffffff;
}

template<class Number> Number number(const std::string& bytes, std::size_t at = 0) {
  Number value;
  REQUIRE(bytes.size() >= at + sizeof value);
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void check_crc(const std::string& bytes, std::uint32_t stored) {
  const auto unmasked = stored - 0xa282ead8U;
  CHECK(((unmasked << 15) | (unmasked >> 17)) == slow_crc32c(bytes));
}

std::vector<std::string> records(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(stream), {}};
  std::vector<std::string> result;
  for (std::size_t at = 0; at < file.size();) {
    const auto length = number<std::uint64_t>(file, at);
    check_crc(file.substr(at, 8), number<std::uint32_t>(file, at + 8));
    REQUIRE(at + 16 + length <= file.size());
    result.push_back(file.substr(at + 12, length));
    check_crc(result.back(), number<std::uint32_t>(file, at + 12 + length));
    at += 16 + length;
  }
  return result;
}

/// The fields of a message: numbers as they are, everything else as its bytes.
struct Fields {
  std::map<unsigned, std::vector<std::uint64_t>> numbers;
  std::map<unsigned, std::vector<std::string>> bytes;

  explicit Fields(const std::string& message) {
    std::size_t at = 0;
    const auto varint = [&] {
      std::uint64_t value = 0;
      for (int shift = 0;; shift += 7) {
        REQUIRE(at < message.size());
        const auto byte = static_cast<unsigned char>(message[at++]);
        value |= std::uint64_t(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const auto take = [&](std::size_t size) {
      REQUIRE(at + size <= message.size());
      at += size;
      return message.substr(at - size, size);
    };
    while (at < message.size()) {
      const auto key = varint();
      const auto field = static_cast<unsigned>(key >> 3);
      switch (key & 7) {
      case 0:
        numbers[field].push_back(varint());
        break;
      case 1:
        bytes[field].push_back(take(8));
        break;
      case 2: {
        const auto size = varint();
        bytes[field].push_back(take(size));
        break;
      }
      case 5:
        bytes[field].push_back(take(4));
        break;
      default:
        FAIL("wire type " << (key & 7));
      }
    }
  }
  double real(unsigned field) const { return number<double>(bytes.at(field).at(0)); }
  std::vector<double> reals(unsigned field) const {
    std::vector<double> values;
    const auto& packed = bytes.at(field).at(0);
    for (std::size_t at = 0; at < packed.size(); at += 8) values.push_back(number<double>(packed, at));
    return values;
  }
};

struct Value {
  double wall_time = 0;
  std::int64_t step = 0;
  Fields fields; // of Summary.Value
};

/// By tag, in order.
std::map<std::string, std::vector<Value>> values(const fs::path& file) {
  std::map<std::string, std::vector<Value>> by_tag;
  const auto all = records(file);
  REQUIRE(!all.empty());
  CHECK(Fields(all[0]).bytes.at(3).at(0) == "brain.Event:2");
  for (std::size_t i = 1; i < all.size(); ++i) {
    const Fields event(all[i]);
    const Fields summary(event.bytes.at(5).at(0));
    for (const auto& value : summary.bytes.at(1)) {
      const Fields fields(value);
      by_tag[fields.bytes.at(1).at(0)].push_back(
          {event.real(1), static_cast<std::int64_t>(event.numbers.at(2).at(0)), fields});
    }
  }
  return by_tag;
}

std::shared_ptr<training::TensorFrame> arrays(std::int64_t step) {
  auto frame = std::make_shared<training::TensorFrame>();
  frame->step = step;
  const auto add = [&](const char* name, std::vector<std::int64_t> shape, std::vector<float> data) {
    frame->tensors[name] =
        std::make_shared<training::Tensor>(training::Tensor{std::move(shape), std::move(data)});
  };
  add("attention/mean", {1, 2, 2, 2}, {0.5F, 0.F, 0.25F, 0.25F, 0.F, 0.5F, 0.5F, 0.F});
  add("saturation/histogram", {2, 4}, {0.5F, 0.25F, 0.25F, 0.F, 0.F, 0.F, 0.F, 1.F});
  add("noise/errors", {4}, {1.F, 2.F, 2.F, 4.F});
  return frame;
}

void record(const fs::path& file) {
  const auto writer = Writer::create(file, small_study());
  auto first = member(0);
  first.name = "ViT/0";
  writer->add_member(first);
  for (int step = 0; step < 2000; ++step)
    writer->add_samples(sample(0, "loss/train", step, 1.0 / (1 + step)));
  writer->add_samples(sample(0, "loss/train", 2000, std::nan("")));
  for (int step = 100; step <= 2500; step += 100) writer->add_frame(0, arrays(step));
  writer->add_member(member(1, 0, 100)); // a fork
  writer->add_samples(sample(1, "loss/train", 150, 2.5));
}

fs::path event_file(const fs::path& run) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(run)) files.push_back(entry.path());
  REQUIRE(files.size() == 1);
  CHECK_THAT(files[0].filename().string(), Catch::Matchers::StartsWith("events.out.tfevents."));
  return files[0];
}

} // namespace

TEST_CASE("CRC-32C is the one of RFC 3720") {
  CHECK(recording::crc32c("123456789") == 0xe3069283);
  CHECK(recording::crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(recording::crc32c(std::string(32, '\xff')) == 0x62a8ab43);
  CHECK(recording::crc32c("") == 0);
}

TEST_CASE("a recording becomes event files, a run for each member") {
  const Folder folder;
  record(folder / "run.plateau");
  const Reader reader(folder / "run.plateau");
  const auto members = recording::exported_members(reader, {});
  recording::export_tensorboard(folder / "run.plateau", members, folder / "deep/board");
  const auto tags = values(event_file(folder / "deep/board/ViT-0"));

  const auto& loss = tags.at("loss/train");
  REQUIRE(loss.size() == 2001);
  for (std::size_t i = 0; i < 2000; i += 333) {
    CHECK(loss[i].step == static_cast<std::int64_t>(i));
    CHECK(number<float>(loss[i].fields.bytes.at(2).at(0)) == static_cast<float>(1.0 / (1 + double(i))));
    CHECK(loss[i].wall_time == Approx(loss[0].wall_time + 0.001 * double(i)).epsilon(1e-14));
  }
  CHECK(std::isnan(number<float>(loss[2000].fields.bytes.at(2).at(0))));
  CHECK(loss[0].wall_time > 1.6e9); // the recording's own beginning
  CHECK(loss[0].wall_time < 1e11);

  const auto& histograms = tags.at("saturation/histogram/layer1");
  CHECK(histograms.size() == 25);
  const Fields histogram(histograms[3].fields.bytes.at(5).at(0));
  CHECK(histograms[3].step == 400);
  CHECK(histogram.real(1) == -10); // edges of the bins that hold any
  CHECK(histogram.real(2) == -2.5);
  CHECK(histogram.real(3) == 1);
  CHECK(histogram.real(4) == Approx(0.5 * -8.75 + 0.25 * -6.25 + 0.25 * -3.75));
  CHECK(histogram.reals(6) == std::vector<double>{-7.5, -5, -2.5, 0});
  CHECK(histogram.reals(7) == std::vector<double>{0.5, 0.25, 0.25, 0});
  const auto& deeper = tags.at("saturation/histogram/layer2");
  CHECK(deeper.size() == 25);
  const Fields last_bin(deeper[0].fields.bytes.at(5).at(0));
  CHECK(last_bin.real(1) == -2.5);
  CHECK(last_bin.real(2) == 0);

  const Fields noise(tags.at("noise/errors").at(0).fields.bytes.at(5).at(0));
  CHECK(noise.real(1) == 1);
  CHECK(noise.real(2) == 4);
  CHECK(noise.real(3) == 4);
  CHECK(noise.real(4) == 9);
  CHECK(noise.real(5) == 25);
  CHECK(noise.reals(6).size() == noise.reals(7).size());
  double count = 0;
  for (const double bin : noise.reals(7)) count += bin;
  CHECK(count == 4);

  const auto& images = tags.at("attention/layer1"); // ten of 25, first and last among them
  REQUIRE(images.size() == 10);
  CHECK(images.front().step == 100);
  CHECK(images.back().step == 2500);
  const Fields image(images[0].fields.bytes.at(4).at(0));
  const auto& png = image.bytes.at(4).at(0);
  CHECK(png.substr(0, 8) == "\x89PNG\r\n\x1a\n");
  CHECK(png.substr(12, 4) == "IHDR");
  CHECK(static_cast<unsigned char>(png[19]) == image.numbers.at(2).at(0)); // its own width
  CHECK(static_cast<unsigned char>(png[23]) == image.numbers.at(1).at(0));
  CHECK(image.numbers.at(2).at(0) > 2 * image.numbers.at(1).at(0)); // two heads side by side
  CHECK(image.numbers.at(3).at(0) == 1);

  const Fields tensor(tags.at("study").at(0).fields.bytes.at(8).at(0));
  CHECK_THAT(tensor.bytes.at(8).at(0), ContainsSubstring("name = \"small\""));

  // The fork's run: its parent's before it was forked.
  const auto forked = values(event_file(folder / "deep/board/ViT 1"));
  CHECK(forked.at("loss/train").size() == 102);
  CHECK(forked.at("loss/train").back().step == 150);
  CHECK(forked.at("attention/layer1").size() == 1);
}

TEST_CASE("a run that is there is never written over") {
  const Folder folder;
  record(folder / "run.plateau");
  const auto members = recording::exported_members(Reader(folder / "run.plateau"), {});
  fs::create_directories(folder / "board/ViT 1");
  CHECK(message<InputError>([&] {
          recording::export_tensorboard(folder / "run.plateau", members, folder / "board");
        }) == "'" + (folder / "board/ViT 1").string() + "' exists already; choose another folder");
  CHECK_FALSE(fs::exists(folder / "board/ViT-0"));
  std::ofstream(folder / "file") << "x";
  CHECK_THAT(message<InputError>(
                 [&] { recording::export_tensorboard(folder / "run.plateau", members, folder / "file"); }),
             ContainsSubstring("can not create the folder '" + (folder / "file").string() + "'"));
}

TEST_CASE("pictures are PNG files with every pixel as it was") {
  const recording::GreyImage image{3, 2, {0, 128, 255, 1, 2, 3}};
  const auto png = recording::to_png(image);
  CHECK(png.ends_with(std::string("IEND\xae\x42\x60\x82")));
  const auto header = png.find("IHDR"), data = png.find("IDAT");
  REQUIRE(header != std::string::npos);
  REQUIRE(data != std::string::npos);
  using namespace std::string_literals;
  CHECK(png.substr(header + 4, 13) == "\0\0\0\x03\0\0\0\x02\x08\0\0\0\0"s); // 3 x 2, 8 bits, grey
  std::string rows(100, 'x');
  uLongf size = rows.size();
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(rows.data()), &size,
                     reinterpret_cast<const Bytef*>(png.data() + data + 4), png.size() - data - 4) == Z_OK);
  rows.resize(size);
  CHECK(rows == "\0\x00\x80\xff\0\x01\x02\x03"s); // each row after the name of its filter, none
}
