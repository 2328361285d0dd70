// TensorBoard's event files: records (length, CRC, message, CRC) of the protocol buffer `Event`. The few
// messages are written by hand: Debian has no definitions of them to generate code from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/recording/png.h"

namespace plateau::recording {

/// CRC-32C (Castagnoli), as in iSCSI: of "123456789" it is 0xe3069283.
std::uint32_t crc32c(std::string_view bytes);

/// Bin i holds `counts[i]` between limits[i - 1] (of the first: `minimum`) and limits[i].
struct EventHistogram {
  double minimum = 0, maximum = 0;
  double count = 0, sum = 0, sum_of_squares = 0;
  std::vector<double> limits = {}, counts = {};
};

class EventFile {
public:
  /// Times are in seconds since 1970. Throws InputError when the file cannot be made.
  EventFile(std::filesystem::path path, double wall_time);

  void scalar(const std::string& tag, std::int64_t step, double wall_time, double value); // kept as a float
  void histogram(const std::string& tag, std::int64_t step, double wall_time,
                 const EventHistogram& histogram);
  void image(const std::string& tag, std::int64_t step, double wall_time, const GreyImage& image);
  /// Markdown.
  void text(const std::string& tag, std::int64_t step, double wall_time, const std::string& text);

  /// Throws RunError when not everything could be written.
  void close();

private:
  void summary(const std::string& value, std::int64_t step, double wall_time);
  void record(std::string_view message);

  std::filesystem::path path_;
  std::ofstream file_;
};

} // namespace plateau::recording
