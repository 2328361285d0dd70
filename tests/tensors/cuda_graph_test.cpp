// What a CUDA graph computes against the same work launched part by part; nothing is tested without a GPU.
#include "tests/tensors/torch_catch.h"

#include "engine/attention/variant.h"
#include "engine/models/transformer.h"
#include "engine/training/cuda_graph.h"
#include "engine/training/transformer_stack.h"

using namespace plateau;
using training::CudaGraph;

namespace {

bool no_gpu() {
  if (CudaGraph::available() && torch::cuda::is_available()) return false;
  WARN("no CUDA device: not tested");
  return true;
}

models::TransformerShape small_shape() {
  models::TransformerShape shape;
  shape.patch = 4;
  shape.channels = 1;
  shape.rows = shape.columns = 3;
  shape.class_token = true;
  shape.positions = 10;
  shape.depth = 2;
  shape.width = 16;
  shape.heads = 2;
  shape.hidden = 32;
  shape.classes = 5;
  shape.init_std = 0.2;
  return shape;
}

/// Two members of one attention, and a step's gradients on the GPU.
struct Pair {
  Pair(const attention::Variant& variant, const std::string& laser) {
    settings.laser = laser;
    auto generator = at::detail::createCPUGenerator(7);
    const auto shape = small_shape();
    const auto model = models::make_transformer(shape, generator);
    const optim::ParameterBuffer parameters(*model, torch::kCUDA);
    values = torch::stack({parameters.values, parameters.values * 0.9});
    gradients = torch::zeros_like(values);
    stack = std::make_unique<training::TransformerStack>(shape, parameters.slices(), values, gradients);
    inputs = torch::randn({2, 4, 1, 12, 12}, generator).to(torch::kCUDA);
    options.resize(2);
    for (auto& member : options) {
      member.variant = &variant;
      member.attention = &settings;
    }
  }

  void compute() { stack->backward(torch::log_softmax(stack->forward(inputs, options), -1).square().sum()); }

  study::AttentionSettings settings;
  torch::Tensor values, gradients, inputs;
  std::unique_ptr<training::TransformerStack> stack;
  std::vector<models::ForwardOptions> options;
};

} // namespace

TEST_CASE("CUDA graph: every variant's gradients are those computed without it") {
  if (no_gpu()) return;
  for (const auto& info : attention::variants()) {
    if (!info.own.empty()) continue;
    for (const std::string laser : {"off", "max-shift", "softclamp", "exact"}) {
      if (laser != "off" && !info.takes_laser) continue;
      INFO(info.name << ", LASER " << laser);
      Pair pair(attention::find_variant(info.name), laser);
      for (int i = 0; i < 3; ++i) pair.compute();
      CudaGraph graph;
      graph.capture([&] { pair.compute(); });
      for (int i = 0; i < 3; ++i) {
        pair.inputs.mul_(1.1);
        pair.gradients.fill_(7);
        graph.replay();
        const auto replayed = pair.gradients.clone();
        pair.compute();
        CHECK(torch::equal(replayed, pair.gradients));
        CHECK(replayed.abs().max().item<double>() > 0);
      }
    }
  }
}

TEST_CASE("CUDA graph: a recording that fails leaves the GPU usable") {
  if (no_gpu()) return;
  const auto x = torch::ones({3}, torch::kCUDA);
  auto y = torch::zeros_like(x);
  CudaGraph graph;
  CHECK_THROWS_AS(graph.capture([&] { y.fill_(x.sum().item<double>()); }), c10::Error);
  CHECK((x + 1).sum().item<double>() == 6);
  graph.capture([&] { y.copy_(x * 2); });
  CHECK(y.sum().item<double>() == 0); // recorded, not done
  graph.replay();
  CHECK(y.sum().item<double>() == 6);
}
