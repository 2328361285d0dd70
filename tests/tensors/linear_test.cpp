// The closed form of the linear transformer against its token form in float64, by autograd.
#include "tests/tensors/torch_catch.h"

#include "engine/fused/linear_closed_form.h"

using namespace plateau;
using torch::Tensor;

namespace {

/// linear-transformer.md A2: Z <- Z + (1/n) P Z M (Z^T Q Z), with P = diag(P, 1), Q = diag(Q, 0), as rows of
/// tokens. `prompts` [B, n + 1, d + 1], the query last with y = 0.
Tensor token_form_loss(const Tensor& parameters, const Tensor& prompts, const Tensor& targets) {
  const auto d = prompts.size(2) - 1, n = prompts.size(1) - 1;
  auto z = prompts;
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
  return (z.select(1, n).select(1, d) + targets).square().mean();
}

struct Sizes {
  std::int64_t layers, width, context, batch;
};

struct Problem {
  explicit Problem(const Sizes& sizes) {
    torch::manual_seed(sizes.layers * 100 + sizes.width);
    const auto x = torch::randn({sizes.batch, sizes.context + 1, sizes.width});
    const auto y = x.matmul(torch::randn({sizes.batch, sizes.width, 1}));
    targets = y.select(1, sizes.context).squeeze(-1).contiguous();
    prompts = torch::cat({x, y}, -1).contiguous();
    prompts.select(1, sizes.context).select(1, sizes.width).zero_();
    parameters = torch::randn({sizes.layers, 2, sizes.width, sizes.width}) * 0.2;
  }
  Tensor prompts, targets, parameters;
};

const Sizes all_sizes[] = {{3, 5, 20, 100}, {1, 4, 7, 3},    {2, 1, 5, 17},
                           {4, 7, 9, 64},   {3, 10, 20, 33}, {6, 3, 12, 200}};

template<class Real> void compare(const Sizes& sizes, torch::ScalarType type, double tolerance) {
  INFO(sizes.layers << " layers, width " << sizes.width << ", batch " << sizes.batch);
  const Problem problem(sizes);
  const auto exact = problem.parameters.to(torch::kFloat64).clone().requires_grad_();
  const auto targets = problem.targets.to(torch::kFloat64);
  const auto loss = token_form_loss(exact, problem.prompts.to(torch::kFloat64), targets);
  loss.backward();

  const fused::LinearShape shape{sizes.layers, sizes.width, sizes.context};
  fused::LinearClosedForm<Real> closed(shape);
  const fused::LinearPrompts<Real> prompts(shape, sizes.batch, problem.prompts.data_ptr<float>(),
                                           problem.targets.data_ptr<float>());
  const auto parameters = problem.parameters.to(type);
  auto gradient = torch::empty_like(parameters);
  parallel::WorkerPool pool(2);
  const double value = closed.gradient(parameters.template data_ptr<Real>(), prompts, pool,
                                       gradient.template data_ptr<Real>());
  CHECK(value == Approx(loss.template item<double>()).epsilon(tolerance));
  const auto difference = (gradient.to(torch::kFloat64) - exact.grad()).norm() / exact.grad().norm();
  CHECK(difference.template item<double>() < tolerance);
  // The last layer's P never reaches the output.
  CHECK(gradient[sizes.layers - 1][0].abs().max().template item<double>() == 0);

  parallel::WorkerPool alone(1);
  auto again = torch::empty_like(parameters);
  closed.gradient(parameters.template data_ptr<Real>(), prompts, alone, again.template data_ptr<Real>());
  CHECK(torch::equal(gradient, again));

  const auto residuals = closed.residuals(parameters.template data_ptr<Real>(), prompts, pool);
  double squares = 0;
  for (const auto residual : residuals) squares += double(residual) * double(residual);
  CHECK(squares / double(sizes.batch) == Approx(loss.template item<double>()).epsilon(tolerance));
}

} // namespace

TEST_CASE("Linear transformer: the closed form's loss and gradient are the token form's") {
  for (const auto& sizes : all_sizes) compare<float>(sizes, torch::kFloat32, 1e-5);
}

TEST_CASE("Linear transformer: in float64 they agree to 1e-9") {
  for (const auto& sizes : all_sizes) compare<double>(sizes, torch::kFloat64, 1e-9);
}
