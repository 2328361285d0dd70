// The transformer written down once more, straight from its formulas (grokking.md 1.2, 1.3) and from the
// parameters' names, head by head: what the module computes is held against it.
#pragma once

#include <cmath>
#include <map>
#include <string>

#include "engine/models/transformer.h"

namespace plateau::testing {

using Parameters = std::map<std::string, torch::Tensor>;

inline Parameters parameters_of(const models::Model& model) {
  Parameters list;
  for (const auto& item : model.named_parameters()) list[item.key()] = item.value().detach();
  return list;
}

struct Plain {
  const models::TransformerShape& shape; // of sizes and activation; where norms stand is said beside it
  const Parameters& p;
  std::string norms = "qkv+mlp"; // as model.norms
  bool rms = false;
  models::Mixing mixing = models::Mixing::Attention;
  bool unit_mlp_input = false;

  torch::Tensor norm(const std::string& name, const torch::Tensor& x) const {
    const auto moved = rms ? x : x - x.mean(-1, true);
    const auto size = (moved.square().mean(-1, true) + shape.epsilon).sqrt();
    const auto y = moved / size * p.at(name + ".weight");
    return rms ? y : y + p.at(name + ".bias");
  }
  torch::Tensor map(const std::string& name, const torch::Tensor& x) const {
    const auto y = x.matmul(p.at(name + ".weight").t());
    return p.count(name + ".bias") ? y + p.at(name + ".bias") : y;
  }

  /// A(x_qk, x_qk, x_v).
  torch::Tensor attention(const std::string& block, const torch::Tensor& qk, const torch::Tensor& v) const {
    using models::Mixing;
    if (mixing == Mixing::None) return torch::zeros_like(v);
    if (mixing == Mixing::Identity) return v;
    const auto d = shape.width, head = d / shape.heads, tokens = qk.size(1);
    const auto& weight = p.at(block + "qkv.weight");
    const auto values = v.matmul(weight.slice(0, 2 * d).t());
    if (mixing == Mixing::Self) return map(block + "projection", values);
    const auto queries = qk.matmul(weight.slice(0, 0, d).t()),
               keys = qk.matmul(weight.slice(0, d, 2 * d).t());
    std::vector<torch::Tensor> outputs;
    for (std::int64_t h = 0; h < shape.heads; ++h) {
      const auto of_head = [&](const torch::Tensor& x) { return x.slice(2, h * head, (h + 1) * head); };
      auto scores = of_head(queries).matmul(of_head(keys).transpose(1, 2)) / std::sqrt(double(head));
      if (shape.causal) scores = scores + torch::full({tokens, tokens}, -INFINITY, scores.options()).triu(1);
      outputs.push_back(scores.softmax(-1).matmul(of_head(values)));
    }
    return map(block + "projection", torch::cat(outputs, -1));
  }

  torch::Tensor mlp(const std::string& block, torch::Tensor x) const {
    if (unit_mlp_input) x = x / x.square().sum(-1, true).sqrt();
    const auto inner = map(block + "expand", x);
    const bool relu = shape.activation == models::TransformerShape::Activation::Relu;
    const auto active = relu ? inner.clamp_min(0) : 0.5 * inner * (1 + torch::erf(inner / std::sqrt(2.0)));
    return map(block + "contract", active);
  }

  torch::Tensor block(const std::string& b, torch::Tensor x) const {
    const auto a = [&](const torch::Tensor& qk, const torch::Tensor& v) { return attention(b, qk, v); };
    const auto m = [&](const torch::Tensor& y) { return mlp(b, y); };
    const bool has_mlp = p.count(b + "expand.weight"); // without one nothing of it remains, nor of its norms
    const auto n1 = [&](const torch::Tensor& y) { return norm(b + "norm1", y); };
    const auto n2 = [&](const torch::Tensor& y) { return norm(b + "norm2", y); };
    if (norms == "post") {
      x = n1(x + a(x, x));
      return has_mlp ? n2(x + m(x)) : x;
    }
    if (norms == "peri") {
      x = x + norm(b + "norm1_after", a(n1(x), n1(x)));
      return has_mlp ? x + norm(b + "norm2_after", m(n2(x))) : x;
    }
    if (norms == "none" || norms == "mlp") x = x + a(x, x);
    if (norms == "qk" || norms == "qk+mlp") x = x + a(n1(x), x);
    if (norms == "v" || norms == "v+mlp") x = x + a(x, n1(x));
    if (norms == "qkv" || norms == "qkv+mlp") x = x + a(n1(x), n1(x));
    if (!has_mlp) return x;
    return x + m(norms.find("mlp") != norms.npos ? n2(x) : x);
  }

  /// Tokens [B, N], or pairs [B, N, item width].
  torch::Tensor embed(const torch::Tensor& inputs) const {
    const auto& table = p.at("embedding.weight");
    if (inputs.dim() == 2) return table.index({inputs}) + p.at("position");
    std::vector<torch::Tensor> rows;
    for (std::int64_t i = 0; i < inputs.size(1); ++i)
      rows.push_back(i % 2 == 0 ? map("items", inputs.select(1, i))
                                : table.index({inputs.select(1, i).select(1, 0).to(torch::kInt64)}));
    return torch::stack(rows, 1) + p.at("position");
  }

  struct Result {
    std::vector<torch::Tensor> hidden;
    torch::Tensor features, logits;
  };
  Result operator()(const torch::Tensor& inputs) const {
    Result result;
    auto x = embed(inputs);
    for (std::int64_t i = 1; i <= shape.depth; ++i) {
      x = block("block" + std::to_string(i) + ".", x);
      result.hidden.push_back(x);
    }
    using Read = models::TransformerShape::Read;
    if (shape.read == Read::First) x = x.select(1, 0);
    if (shape.read == Read::Last) x = x.select(1, shape.positions - 1);
    result.features = p.count("norm.weight") ? norm("norm", x) : x;
    result.logits = map("readout", result.features) * shape.readout_scale;
    return result;
  }
};

} // namespace plateau::testing
