#include "engine/training/cuda_graph.h"

#include "engine/errors.h"

#ifdef PLATEAU_WITH_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/version.h>
#endif

namespace plateau::training {

#ifdef PLATEAU_WITH_CUDA

struct CudaGraph::Captured {
  at::cuda::CUDAGraph graph;
};

namespace {

/// Gives the stream back to ordinary work.
void end_of_failed(at::cuda::CUDAGraph& graph) {
  try {
    graph.capture_end();
  } catch (const c10::Error&) { // says once more that it failed
  }
}

} // namespace

bool CudaGraph::available() {
  return true;
}

void CudaGraph::capture(const std::function<void()>& work) {
  auto captured = std::make_unique<Captured>();
  // The default stream cannot be recorded.
  const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool());
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
  // What other threads do meanwhile, those of another run for example, neither disturbs nor is disturbed.
  captured->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
#else
  captured->graph.capture_begin();
#endif
  try {
    work();
  } catch (...) {
    end_of_failed(captured->graph);
    throw;
  }
  captured->graph.capture_end();
  captured_ = std::move(captured);
}

void CudaGraph::replay() {
  captured_->graph.replay();
}

#else

struct CudaGraph::Captured {};

bool CudaGraph::available() {
  return false;
}
void CudaGraph::capture(const std::function<void()>&) {
  throw RunError("built without CUDA");
}
void CudaGraph::replay() {
  throw RunError("built without CUDA");
}

#endif

CudaGraph::CudaGraph() = default;
CudaGraph::~CudaGraph() = default;

} // namespace plateau::training
