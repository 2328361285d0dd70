// Internal: the passes over memory between matrix products, in the widest vectors of the processor at hand
// (Highway chooses when the program starts). Matrices are row-major float32 and contiguous; sums run in a
// fixed order, so that a result does not depend on the thread that computes it.
#pragma once

#include <cstdint>

namespace plateau::fused {

/// y = gain (x - mean) / sqrt(variance + epsilon) + bias per row (Ba et al. 2016; biased variance).
/// `normalised` [rows, width] and `inverse_deviation` [rows] are kept for the backward pass.
void layer_norm(const float* x, std::int64_t rows, std::int64_t width, const float* gain, const float* bias,
                float epsilon, float* normalised, float* inverse_deviation, float* y);
/// d_x += the layer norm's backward of d_y; d_gain, d_bias [width] are added to.
void layer_norm_backward(const float* d_y, const float* normalised, const float* inverse_deviation,
                         std::int64_t rows, std::int64_t width, const float* gain, float* d_x, float* d_gain,
                         float* d_bias);

/// y = gain x / sqrt(mean of x² + epsilon) per row (Zhang & Sennrich 2019). Kept as above. x and y may be
/// one, there too.
void rms_norm(const float* x, std::int64_t rows, std::int64_t width, const float* gain, float epsilon,
              float* normalised, float* inverse, float* y);
/// d_x += its backward of d_y; d_gain [width] is added to.
void rms_norm_backward(const float* d_y, const float* normalised, const float* inverse, std::int64_t rows,
                       std::int64_t width, const float* gain, float* d_x, float* d_gain);

enum class Activation { Relu, Gelu }; // Gelu: x Phi(x) with the error function (Hendrycks & Gimpel 2016)

/// x <- f(x + bias) in place; `slope` <- f'(x + bias), unless null.
void bias_activation(float* x, const float* bias, std::int64_t rows, std::int64_t width, Activation f,
                     float* slope);
/// d <- d * slope in place; d_bias [width] += its column sums.
void activation_backward(float* d, const float* slope, std::int64_t rows, std::int64_t width, float* d_bias);

/// x [rows, width] += bias [width].
void add_bias(float* x, const float* bias, std::int64_t rows, std::int64_t width);
/// sums [width] += column sums of x.
void add_column_sums(const float* x, std::int64_t rows, std::int64_t width, float* sums);
/// x += scale (y + bias); `bias` [width] may be null.
void add_scaled(float* x, const float* y, const float* bias, float scale, std::int64_t rows,
                std::int64_t width);
/// y = scale x; x and y may be one.
void scaled_copy(const float* x, float scale, std::int64_t count, float* y);
/// x += y.
void add(float* x, const float* y, std::int64_t count);
/// y[i] = parts[0][i] + parts[1][i] + …, in this order, for i in [begin, end).
void sum_parts(const float* const* parts, int count, std::int64_t begin, std::int64_t end, float* y);

struct LossSums {
  double loss = 0;          // sum over rows
  std::int64_t correct = 0; // rows whose largest logit is the label's (the first of equals)
};
/// Cross entropy with label smoothing s: targets (1 - s) onehot + s / classes. Where `d_logits` is not null
/// it becomes (softmax - target) * scale; it may be `logits` itself.
LossSums cross_entropy(const float* logits, const std::int64_t* labels, std::int64_t rows,
                       std::int64_t classes, double smoothing, double scale, float* d_logits);
/// The same computed in float64; the gradient takes the logits' place. It is exact to float32 also where
/// softmax is 1 or 0 to float64.
LossSums cross_entropy_in_double(float* logits, const std::int64_t* labels, std::int64_t rows,
                                 std::int64_t classes, double smoothing, double scale);

struct Norms {
  double squares = 0, magnitudes = 0;
};
/// Sum of squares and of magnitudes.
Norms norms(const float* x, std::int64_t count);

struct AdamWStep {
  float beta1, beta2, epsilon;
  float rate;        // learning rate / (1 - beta1^t)
  float decay;       // share of a weight that decay takes
  float correction2; // 1 / sqrt(1 - beta2^t)
};
/// One AdamW update of [begin, end) (Loshchilov & Hutter 2019, algorithm 2). `decays` is 1 where decay acts.
/// Where epsilon and the second moment are 0 only decay acts.
void adamw(const AdamWStep& step, const float* gradient, const float* decays, std::int64_t begin,
           std::int64_t end, float* value, float* first_moment, float* second_moment);

/// Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
void to_bfloat16(const float* x, std::int64_t count, std::uint16_t* y);
/// The same, as float32 again.
void round_to_bfloat16(const float* x, std::int64_t count, float* y);

/// The instruction set that the kernels use on this processor ("AVX2").
const char* instruction_set();

} // namespace plateau::fused
