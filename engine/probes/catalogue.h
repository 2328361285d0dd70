// The probes by name, for lists and tooltips. No LibTorch here.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace plateau::probes {

struct ProbeInfo {
  std::string name;        // "saturation"
  std::string title;       // "Softmax saturation"
  std::string every_field; // the field that sets its interval: "probes.saturation_every"
  std::string formula;
  std::string description;
  std::string source;
  std::vector<std::string> outputs; // metric and tensor names; {l} and {h} stand for layer and head
};

std::span<const ProbeInfo> probes();

/// A metric in words: "saturation/entropy/layer1/head2" -> "normalised row entropy, layer 1, head 2".
std::string metric_title(const std::string& metric);
/// Its formula, empty where there is none.
std::string metric_formula(const std::string& metric);

} // namespace plateau::probes
