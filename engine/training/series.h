// An append-only sequence that a writer thread extends while readers keep older, shorter views of it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

namespace plateau::training {

/// A view is a value: copying it shares the chunks, O(size / chunk). The one writer calls push(); a reader
/// touches only the `size()` elements that its copy knew when it was made, and gets that copy through a
/// lock (the snapshot's), so no element is read while it is written.
template<class T, std::size_t chunk_size = 1024> class AppendOnly {
public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](std::size_t i) const { return (*chunks_[i / chunk_size])[i % chunk_size]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void push(T value) {
    if (size_ % chunk_size == 0) chunks_.push_back(std::make_shared<Chunk>());
    (*chunks_.back())[size_ % chunk_size] = std::move(value);
    ++size_;
  }

  /// A sequence of the first `count` elements that may be pushed to independently of this one.
  AppendOnly fork(std::size_t count) const {
    AppendOnly copy;
    copy.size_ = std::min(count, size_);
    copy.chunks_.assign(chunks_.begin(), chunks_.begin() + (copy.size_ + chunk_size - 1) / chunk_size);
    if (copy.size_ % chunk_size != 0) copy.chunks_.back() = std::make_shared<Chunk>(*copy.chunks_.back());
    return copy;
  }

private:
  using Chunk = std::array<T, chunk_size>;
  std::vector<std::shared_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
};

/// One value of a curve. `step` counts completed optimizer steps: 0 is the untrained model.
struct Point {
  std::int64_t step = 0;
  double value = 0;
};

/// What `Series::block_size` points in a row come to, so that long curves are drawn and smoothed without
/// reading each of them. NaN and infinities are left out.
struct Block {
  Point low, high; // the first of the lowest, the first of the highest; meaningless when finite = 0
  double sum = 0;
  std::size_t finite = 0;
};

/// A curve; steps strictly increase.
class Series {
public:
  static constexpr std::size_t block_size = 64;

  std::size_t size() const { return points_.size(); }
  bool empty() const { return points_.empty(); }
  const Point& operator[](std::size_t i) const { return points_[i]; }
  const Point& back() const { return points_.back(); }
  /// Block `i` has the points from i * block_size on; there are size() / block_size, the rest is in none yet.
  const Block& block(std::size_t i) const { return blocks_[i]; }

  void push(Point point) {
    points_.push(point);
    if (size() % block_size == 0) blocks_.push(last_block());
  }

  Series fork(std::size_t count) const {
    Series copy;
    copy.points_ = points_.fork(count);
    copy.blocks_ = blocks_.fork(copy.size() / block_size);
    return copy;
  }

private:
  Block last_block() const {
    Block block;
    for (std::size_t i = size() - block_size; i < size(); ++i) {
      const Point& point = points_[i];
      if (!std::isfinite(point.value)) continue;
      if (block.finite == 0 || point.value < block.low.value) block.low = point;
      if (block.finite == 0 || point.value > block.high.value) block.high = point;
      block.sum += point.value;
      ++block.finite;
    }
    return block;
  }

  AppendOnly<Point> points_;
  AppendOnly<Block, 1024 / block_size> blocks_; // in chunks like those of the points
};

/// Index of the first point whose step is >= `step`; size() when there is none.
inline std::size_t lower_bound(const Series& series, std::int64_t step) {
  std::size_t low = 0, high = series.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (series[middle].step < step)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

} // namespace plateau::training
