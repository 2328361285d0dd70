// The closed form of the linear transformer against its token form in float64, by autograd.
#include "tests/tensors/torch_catch.h"

#include "engine/fused/linear_closed_form.h"

using namespace plateau;
using torch::Tensor;

namespace {

/// linear-transformer.md A2: Z <- Z + (1/n) P Z M (Z^T Q Z), with P = diag(P, 1), Q = diag(Q, 0), as rows of
/// tokens.
Tensor token_form_loss(const Tensor& parameters, const Tensor& x, const Tensor& y) {
  const auto d = x.size(2), n = x.size(1) - 1;
  auto z = torch::cat({x, y.unsqueeze(-1)}, -1).clone();
  z.select(1, n).select(1, d).zero_();
  for (std::int64_t l = 0; l < parameters.size(0); ++l) {
    auto copy_answer = torch::zeros({d + 1, d + 1}, torch::kFloat64);
    copy_answer[d][d] = 1;
    const auto p = torch::constant_pad_nd(parameters[l][0], {0, 1, 0, 1}) + copy_answer;
    const auto q = torch::constant_pad_nd(parameters[l][1], {0, 1, 0, 1});
    auto scores = z.matmul(q).matmul(z.transpose(1, 2)); // [i, j] = z_i^T Q z_j
    auto mask = torch::ones({n + 1}, torch::kFloat64);
    mask[n] = 0; // the query is never a key
    z = z + (scores * mask).matmul(z.matmul(p.t())) / double(n);
  }
  return (z.select(1, n).select(1, d) + y.select(1, n)).square().mean();
}

} // namespace

TEST_CASE("Linear transformer: the closed form's loss and gradient are the token form's") {
  struct Sizes {
    std::int64_t layers, width, context, batch;
  };
  for (const auto& [layers, width, context, batch] :
       {Sizes{3, 5, 20, 100}, {1, 4, 7, 3}, {2, 1, 5, 17}, {4, 7, 9, 64}, {3, 10, 20, 33}, {6, 3, 12, 200}}) {
    INFO(layers << " layers, width " << width << ", batch " << batch);
    torch::manual_seed(layers * 100 + width);
    const auto x = torch::randn({batch, context + 1, width});
    const auto y = x.matmul(torch::randn({batch, width, 1})).squeeze(-1).contiguous();
    const auto parameters = torch::randn({layers, 2, width, width}) * 0.2;

    const auto exact = parameters.to(torch::kFloat64).clone().requires_grad_();
    const auto loss = token_form_loss(exact, x.to(torch::kFloat64), y.to(torch::kFloat64));
    loss.backward();

    const fused::LinearShape shape{layers, width, context};
    fused::LinearClosedForm closed(shape);
    const fused::LinearPrompts prompts(shape, batch, x.data_ptr<float>(), y.data_ptr<float>());
    auto gradient = torch::empty_like(parameters);
    parallel::WorkerPool pool(2);
    const double value =
        closed.gradient(parameters.data_ptr<float>(), prompts, pool, gradient.data_ptr<float>());
    CHECK(value == Approx(loss.item<double>()).epsilon(1e-5));
    const auto difference = (gradient.to(torch::kFloat64) - exact.grad()).norm() / exact.grad().norm();
    CHECK(difference.item<double>() < 1e-5);
    // The last layer's P never reaches the output.
    CHECK(gradient[layers - 1][0].abs().max().item<float>() == 0);

    parallel::WorkerPool alone(1);
    auto again = torch::empty_like(parameters);
    closed.gradient(parameters.data_ptr<float>(), prompts, alone, again.data_ptr<float>());
    CHECK(torch::equal(gradient, again));
  }
}
