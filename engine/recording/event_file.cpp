#include "engine/recording/event_file.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "engine/errors.h"

namespace plateau::recording {

static_assert(std::endian::native == std::endian::little, "event files hold little-endian numbers");

namespace {

template<class Number> std::string bytes_of(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

/// TensorFlow's records never hold a CRC as it is: one over data with CRCs in them would be weak.
std::uint32_t masked(std::uint32_t crc) {
  return std::rotr(crc, 15) + 0xa282ead8U;
}

/// A message in protocol buffers' wire format. Fields are numbered as in TensorFlow's event.proto and
/// summary.proto.
class Message {
public:
  Message& integer(unsigned field, std::int64_t value) {
    key(field, 0);
    variable_length(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& real(unsigned field, double value) {
    key(field, 1);
    bytes_ += bytes_of(value);
    return *this;
  }
  Message& short_real(unsigned field, float value) {
    key(field, 5);
    bytes_ += bytes_of(value);
    return *this;
  }
  Message& bytes(unsigned field, std::string_view value) {
    key(field, 2);
    variable_length(value.size());
    bytes_ += value;
    return *this;
  }
  Message& reals(unsigned field, const std::vector<double>& values) {
    std::string packed;
    for (const double value : values) packed += bytes_of(value);
    return bytes(field, packed);
  }
  const std::string& str() const { return bytes_; }

private:
  void key(unsigned field, unsigned wire_type) { variable_length(field << 3 | wire_type); }
  void variable_length(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

} // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      entries[i] = i;
      for (int bit = 0; bit < 8; ++bit)
        entries[i] = entries[i] >> 1 ^ ((entries[i] & 1) != 0 ? 0x82f63b78U : 0U);
    }
    return entries;
  }();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~crc;
}

EventFile::EventFile(std::filesystem::path path, double wall_time)
    : path_(std::move(path)), file_(path_, std::ios::binary | std::ios::trunc) {
  if (!file_) throw InputError(fmt::format("can not write '{}': {}", path_.string(), std::strerror(errno)));
  record(Message().real(1, wall_time).bytes(3, "brain.Event:2").str());
}

void EventFile::scalar(const std::string& tag, std::int64_t step, double wall_time, double value) {
  summary(Message().bytes(1, tag).short_real(2, static_cast<float>(value)).str(), step, wall_time);
}

void EventFile::histogram(const std::string& tag, std::int64_t step, double wall_time,
                          const EventHistogram& h) {
  Message message;
  message.real(1, h.minimum).real(2, h.maximum).real(3, h.count).real(4, h.sum).real(5, h.sum_of_squares);
  message.reals(6, h.limits).reals(7, h.counts);
  summary(Message().bytes(1, tag).bytes(5, message.str()).str(), step, wall_time);
}

void EventFile::image(const std::string& tag, std::int64_t step, double wall_time, const GreyImage& image) {
  Message message;
  message.integer(1, image.height).integer(2, image.width).integer(3, 1).bytes(4, to_png(image));
  summary(Message().bytes(1, tag).bytes(4, message.str()).str(), step, wall_time);
}

void EventFile::text(const std::string& tag, std::int64_t step, double wall_time, const std::string& text) {
  constexpr int string_type = 7, any_tensor = 2;
  Message metadata, tensor;
  metadata.bytes(1, Message().bytes(1, "text").str()).integer(4, any_tensor);
  tensor.integer(1, string_type).bytes(2, "").bytes(8, text); // of shape []
  summary(Message().bytes(1, tag).bytes(9, metadata.str()).bytes(8, tensor.str()).str(), step, wall_time);
}

void EventFile::summary(const std::string& value, std::int64_t step, double wall_time) {
  record(Message().real(1, wall_time).integer(2, step).bytes(5, Message().bytes(1, value).str()).str());
}

void EventFile::record(std::string_view message) {
  const auto length = bytes_of(static_cast<std::uint64_t>(message.size()));
  file_ << length << bytes_of(masked(crc32c(length))) << message << bytes_of(masked(crc32c(message)));
}

void EventFile::close() {
  file_.close();
  if (!file_) throw RunError(fmt::format("writing '{}' failed: {}", path_.string(), std::strerror(errno)));
}

} // namespace plateau::recording
