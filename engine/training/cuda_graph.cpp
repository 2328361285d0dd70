#include "engine/training/cuda_graph.h"

#include "engine/errors.h"

#ifdef PLATEAU_WITH_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/cuda.h>
#endif

namespace plateau::training {

#ifdef PLATEAU_WITH_CUDA

struct CudaGraph::Captured {
  at::cuda::CUDAGraph graph;
};

bool CudaGraph::available() {
  return true;
}

void CudaGraph::capture(const std::function<void()>& work) {
  torch::cuda::synchronize();
  captured_ = std::make_unique<Captured>();
  // The default stream cannot be recorded.
  const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool());
  captured_->graph.capture_begin();
  work();
  captured_->graph.capture_end();
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
