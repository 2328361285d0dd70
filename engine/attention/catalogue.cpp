#include "engine/attention/catalogue.h"

#include "engine/attention/variant.h"
#include "engine/errors.h"
#include "engine/study/fields.h"

namespace plateau::attention {
namespace {

const std::vector<const Variant*>& registered() {
  static const std::vector<const Variant*> all{&softmax, &norm_softmax, &norm_softmax_std};
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

std::vector<double> row_weights(std::string_view variant, std::span<const double> scores, double tau,
                                double sqrt_dk) {
  return find_variant(variant).row(scores, {tau, sqrt_dk});
}

std::vector<double> row_jacobian(std::string_view variant, std::span<const double> scores, double tau,
                                 double sqrt_dk) {
  return find_variant(variant).jacobian(scores, {tau, sqrt_dk});
}

} // namespace plateau::attention
