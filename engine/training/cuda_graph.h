// Internal: work on a CUDA device that is recorded once and then launched as a whole.
#pragma once

#include <functional>
#include <memory>

namespace plateau::training {

class CudaGraph {
public:
  /// Was Plateau built against a LibTorch with CUDA?
  static bool available();

  CudaGraph();
  ~CudaGraph();
  /// Calls `work` once, recording what it launches instead of doing it. Everything it reads and writes must
  /// stay where it is. Throws c10::Error where something in it cannot be recorded.
  void capture(const std::function<void()>& work);
  /// Does it, on the current stream.
  void replay();

private:
  struct Captured;
  std::unique_ptr<Captured> captured_;
};

} // namespace plateau::training
