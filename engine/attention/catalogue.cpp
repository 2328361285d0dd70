#include "engine/attention/catalogue.h"

#include <cmath>
#include <stdexcept>

#include "engine/attention/variant.h"
#include "engine/errors.h"
#include "engine/study/fields.h"

namespace plateau::attention {
namespace {

const std::vector<const Variant*>& registered() {
  // In the order of the window's list: softmax and what is near to it first.
  static const std::vector<const Variant*> all{
      &softmax,         &norm_softmax,  &norm_softmax_std, &softmax_plus_one, &learned_sink,
      &clipped_softmax, &ssmax,         &soft_cap,         &qk_norm,          &cosine,
      &qk_layer_norm,   &sigma_reparam, &sparsemax,        &entmax15,         &entmax,
      &sigmoid,         &relu,          &linear,           &elu_plus_one,     &sinkhorn,
      &selective,       &differential,  &gated_head,       &gated_element,    &free_energy};
  return all;
}

} // namespace

const Variant& find_variant(std::string_view name) {
  std::vector<std::string> names;
  for (const Variant* variant : registered()) {
    if (variant->info.name == name) return *variant;
    names.push_back(variant->info.name);
  }
  throw InputError("there is no attention variant '" + std::string(name) + "'" +
                   study::did_you_mean(name, names));
}

std::span<const VariantInfo> variants() {
  static const std::vector<VariantInfo> infos = [] {
    std::vector<VariantInfo> list;
    for (const Variant* variant : registered()) list.push_back(variant->info);
    return list;
  }();
  return infos;
}

const VariantInfo& variant(std::string_view name) {
  return find_variant(name).info;
}

namespace {

Row row_of(const Variant& variant, std::span<const double> scores, const RowOptions& options) {
  double own = options.own;
  if (std::isnan(own) && variant.own_scalar) own = variant.own_scalar(scores.size());
  return {scores, options, own};
}

} // namespace

std::vector<double> row_weights(std::string_view name, std::span<const double> scores,
                                const RowOptions& options) {
  const auto& variant = find_variant(name);
  return variant.row(row_of(variant, scores, options));
}

std::vector<double> row_jacobian(std::string_view name, std::span<const double> scores,
                                 const RowOptions& options) {
  const auto& variant = find_variant(name);
  return variant.jacobian(row_of(variant, scores, options));
}

const torch::Tensor& Layer::own_parameter(const std::string& name) const {
  for (const auto& [other, tensor] : *own)
    if (other == name) return tensor;
  throw std::out_of_range("this layer has no parameter '" + name + "'");
}

} // namespace plateau::attention
