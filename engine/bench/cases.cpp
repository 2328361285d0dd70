#include "engine/bench/cases.h"

#include "engine/errors.h"
#include "engine/fused/transformer_step.h"
#include "engine/models/shapes.h"
#include "engine/study/fields.h"

namespace plateau::bench {
namespace {

using models::TransformerShape;
using Read = TransformerShape::Read;
using Activation = TransformerShape::Activation;

/// Of a step; `needed`: only what the fused path computes, which leaves out rows that nobody reads and
/// repeated tokens.
double flops(const TransformerShape& s, std::int64_t batch, bool needed) {
  const double samples = double(batch), n = double(s.positions), d = double(s.width), h = double(s.hidden);
  const auto lanes = fused::lane_count(batch, s.positions);
  double total = samples * 2 *
                 double(s.has_items()    ? s.items() * s.item_width
                        : s.has_images() ? s.patches() * s.pixels()
                                         : 0) *
                 d;
  for (std::int64_t layer = 0; layer < s.depth; ++layer) {
    const bool one = needed && layer == s.depth - 1 && s.read != Read::All;
    const bool table = needed && layer == 0 && fused::uses_token_table(s, batch / lanes);
    const double rows = samples * (one ? 1 : n);
    const double keys = table ? double(lanes * s.positions * s.vocabulary) : samples * n;
    const double queries = !table ? rows : one ? double(lanes * s.vocabulary) : keys;
    total += 2 * d * d * (2 * keys + queries + rows) // K and V, Q, output
             + 4 * rows * n * d                      // scores and mixture
             + 4 * rows * d * h;                     // MLP
  }
  total += samples * 2 * double(s.outputs()) * d * double(s.classes);
  return 3 * total;
}

TransformerCase transformer(const std::string& name, const std::string& title, const TransformerShape& shape,
                            std::int64_t batch) {
  return {{name, title, flops(shape, batch, false), flops(shape, batch, true)}, shape, batch};
}

/// Modular addition (grokking.md 1.2): tokens a, b, =.
TransformerShape grokking_full(std::int64_t modulus, std::int64_t width, const std::string& norms) {
  study::ModelSettings model;
  model.depth = 1;
  model.width = width;
  model.mlp_ratio = 4;
  model.norms = norms;
  return models::arithmetic_shape(
      model, {.kind = tasks::InputShape::Kind::Tokens, .vocabulary = modulus + 1, .positions = 3},
      modulus + 1);
}

/// Two causal pre-norm layers on four tokens.
TransformerShape grokking_batch() {
  TransformerShape s;
  s.vocabulary = 99;
  s.positions = 4;
  s.depth = 2;
  s.width = 128;
  s.hidden = 512;
  s.activation = Activation::Relu;
  s.causal = true;
  s.read = Read::Last;
  s.classes = 97;
  return s;
}

TransformerShape vit(std::int64_t width) {
  TransformerShape s;
  s.patch = 7;
  s.channels = 3;
  s.rows = 8;
  s.columns = 4;
  s.class_token = true;
  s.positions = 33;
  s.depth = 4;
  s.width = width;
  s.hidden = 4 * width;
  s.classes = 10;
  return s;
}

TransformerShape decoder(std::int64_t positions, std::int64_t depth, std::int64_t width) {
  TransformerShape s;
  s.vocabulary = 96;
  s.positions = positions;
  s.depth = depth;
  s.width = width;
  s.hidden = 4 * width;
  s.causal = true;
  s.read = Read::All;
  s.classes = 96;
  return s;
}

/// Items and labels in turn (icl-plateaus.md 7.1).
TransformerShape pairs() {
  auto s = decoder(24, 2, 64);
  s.vocabulary = s.classes = 4;
  s.item_width = 32;
  return s;
}

const std::vector<TransformerCase>& transformer_cases() {
  static const std::vector<TransformerCase> all = [] {
    std::vector<TransformerCase> list;
    list.push_back(transformer("grokking", "grokking, full batch: 3830 x 3 tokens, 1 layer, width 128",
                               grokking_full(113, 128, "none"), 3830));
    list.push_back(
        transformer("grokking-small",
                    "grokking, full batch: 1218 x 3 tokens, 1 layer, width 64, layer norm before the MLP",
                    grokking_full(59, 64, "mlp"), 1218));
    list.push_back(transformer("grokking-batch", "grokking, mini batch: 512 x 4 tokens, 2 layers, width 128",
                               grokking_batch(), 512));
    list.push_back(transformer("vit", "ViT: 256 x 33 tokens, 4 layers, width 128", vit(128), 256));
    list.push_back(transformer("vit-small", "ViT: 256 x 33 tokens, 4 layers, width 64", vit(64), 256));
    list.push_back(transformer("decoder", "causal decoder: 64 x 64 tokens, 4 layers, width 128",
                               decoder(64, 4, 128), 64));
    list.push_back(transformer("decoder-small", "causal decoder: 64 x 32 tokens, 2 layers, width 64",
                               decoder(32, 2, 64), 64));
    list.push_back(transformer("pairs", "items and labels: 64 x 24 tokens, 2 layers, width 64", pairs(), 64));
    return list;
  }();
  return all;
}

/// Token form: per layer P and Q on all tokens, scores and mixture over the context, forward and twice
/// backward. Closed form: d x d products, four forward and seven backward per layer, but four in the first,
/// none in the last, whose products nobody reads; before them the sum of x x^T over the context, which is
/// symmetric.
LinearCase linear(const std::string& name, const std::string& title, std::int64_t batch, std::int64_t width,
                  std::int64_t context) {
  constexpr double layers = 3;
  const double d = double(width), n = double(context), all = n + 1, k = d + 1;
  const double token = 3 * layers * 2 * (all * k * k + n * k * k + 2 * all * n * k);
  const double closed = 2 * d * d * d * (4 * (layers - 1) + 4 + 7 * (layers - 2)) + n * d * (d + 1);
  return {{name, title, token * double(batch), closed * double(batch)},
          std::int64_t(layers),
          batch,
          width,
          context};
}

const std::vector<LinearCase>& linear_cases() {
  static const std::vector<LinearCase> all = [] {
    std::vector<LinearCase> list;
    list.push_back(
        linear("linear", "linear transformer: 1024 x 20 tokens, 3 layers, width 10", 1024, 10, 20));
    list.push_back(linear("linear-paper",
                          "linear transformer, the paper's size: 1000 x 20 tokens, 3 layers, width 5", 1000,
                          5, 20));
    list.push_back(
        linear("linear-wide", "linear transformer: 512 x 30 tokens, 3 layers, width 20", 512, 20, 30));
    return list;
  }();
  return all;
}

template<class Case> const Case* find(const std::vector<Case>& list, const std::string& name) {
  for (const Case& one : list)
    if (one.info.name == name) return &one;
  return nullptr;
}

} // namespace

const TransformerCase* find_transformer_case(const std::string& name) {
  return find(transformer_cases(), name);
}

const LinearCase* find_linear_case(const std::string& name) {
  return find(linear_cases(), name);
}

const std::vector<CaseInfo>& cases() {
  static const std::vector<CaseInfo> all = [] {
    std::vector<CaseInfo> list;
    for (const auto& one : transformer_cases()) list.push_back(one.info);
    for (const auto& one : linear_cases()) list.push_back(one.info);
    return list;
  }();
  return all;
}

const CaseInfo& find_case(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& info : cases()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  throw InputError("there is no benchmark '" + name + "'" + study::did_you_mean(name, names));
}

} // namespace plateau::bench
