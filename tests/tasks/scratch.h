// Data sets made by the test: every image is one constant grey value that says which data set, split and
// class it belongs to, so that the rule of a task can be read back from the pixels of a canvas.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>
#include <zlib.h>

namespace scratch {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

/// A folder of its own, removed at the end.
class Folder {
public:
  Folder() {
    static int number = 0;
    path_ = fs::temp_directory_path() /
            ("plateau-tasks-" + std::to_string(getpid()) + "-" + std::to_string(number++));
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

private:
  fs::path path_;
};

/// Environment variables for the duration of a test; nullopt unsets.
class Environment {
public:
  void set(const std::string& name, const std::optional<std::string>& value) {
    const char* before = std::getenv(name.c_str());
    before_.try_emplace(name, before ? std::optional<std::string>(before) : std::nullopt);
    put(name, value);
  }
  ~Environment() {
    for (const auto& [name, value] : before_) put(name, value);
  }

private:
  static void put(const std::string& name, const std::optional<std::string>& value) {
    if (value)
      setenv(name.c_str(), value->c_str(), 1);
    else
      unsetenv(name.c_str());
  }
  std::map<std::string, std::optional<std::string>> before_;
};

inline void write_plain(const fs::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

inline void write_gzip(const fs::path& path, const Bytes& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

inline void write_by_suffix(const fs::path& path, const Bytes& bytes) {
  if (path.extension() == ".gz")
    write_gzip(path, bytes);
  else
    write_plain(path, bytes);
}

/// An idx file: magic, big-endian sizes, data.
inline Bytes idx(const std::vector<std::uint32_t>& sizes, const Bytes& data) {
  Bytes bytes = {0, 0, 8, static_cast<std::uint8_t>(sizes.size())};
  for (const std::uint32_t size : sizes)
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

/// What the grey value of an image says.
struct Identity {
  bool mnist = false, held_out = false;
  int label = 0;
  bool operator==(const Identity&) const = default;
};

inline std::uint8_t grey(const Identity& identity) {
  return static_cast<std::uint8_t>(10 + 100 * identity.mnist + 50 * identity.held_out + 4 * identity.label);
}

inline std::optional<Identity> identity_of(int grey_value) {
  for (const bool mnist : {false, true})
    for (const bool held_out : {false, true})
      for (int label = 0; label < 10; ++label)
        if (grey({mnist, held_out, label}) == grey_value) return Identity{mnist, held_out, label};
  return std::nullopt;
}

/// Images of class c per split: fashion 20 and 10 of each; MNIST 10 + 3c and 6 + 2c, so that its class
/// frequencies matter.
inline int images_of(const Identity& identity) {
  if (!identity.mnist) return identity.held_out ? 10 : 20;
  return identity.held_out ? 6 + 2 * identity.label : 10 + 3 * identity.label;
}

struct Naming {
  std::string separator = "-", suffix;
};

inline void write_split(const fs::path& folder, bool mnist, bool held_out, const Naming& naming) {
  Bytes pixels, labels;
  for (int label = 0; label < 10; ++label)
    for (int i = 0; i < images_of({mnist, held_out, label}); ++i) {
      labels.push_back(static_cast<std::uint8_t>(label));
      pixels.insert(pixels.end(), 28 * 28, grey({mnist, held_out, label}));
    }
  const std::string stem = held_out ? "t10k" : "train";
  const auto count = static_cast<std::uint32_t>(labels.size());
  write_by_suffix(folder / (stem + "-images" + naming.separator + "idx3-ubyte" + naming.suffix),
                  idx({count, 28, 28}, pixels));
  write_by_suffix(folder / (stem + "-labels" + naming.separator + "idx1-ubyte" + naming.suffix),
                  idx({count}, labels));
}

inline void write_data_set(const fs::path& folder, bool mnist, const Naming& naming = {}) {
  fs::create_directories(folder);
  write_split(folder, mnist, false, naming);
  write_split(folder, mnist, true, naming);
}

/// Fashion-MNIST and, where wanted, MNIST made of constant images, found through the usual places.
class Data {
public:
  explicit Data(bool with_mnist) {
    write_data_set(folder_.path() / "fashion", false);
    if (with_mnist) write_data_set(folder_.path() / "data/plateau/mnist", true);
    environment_.set("PLATEAU_FASHION_MNIST", (folder_.path() / "fashion").string());
    environment_.set("PLATEAU_MNIST", std::nullopt);
    environment_.set("XDG_DATA_HOME", (folder_.path() / "data").string());
    environment_.set("HOME", (folder_.path() / "home").string());
  }
  const fs::path& folder() const { return folder_.path(); }

private:
  Folder folder_;
  Environment environment_;
};

/// The one line that `action` throws as E; "nothing was thrown" when it does not.
template<class E, class F> std::string message(F action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace scratch
