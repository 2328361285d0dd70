// What came out of a member, and of the members that differ in their seed alone, in numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/analysis/detector.h"
#include "engine/training/snapshot.h"

namespace plateau::analysis {

struct PlateauSummary {
  std::int64_t begin = 0, end = 0; // steps
  double level = 0;                // its training loss
  bool lasting = false;            // not over at the last evaluation
};

struct MemberSummary {
  int id = 0;
  std::string name;
  std::int64_t seed = 0;
  std::int64_t step = 0;
  std::int64_t parameters = 0;
  bool twin = false;
  // Of the last evaluation.
  std::optional<double> train_loss, validation_loss, accuracy;
  // The lowest validation loss (of training where there is none), and its step.
  std::optional<double> best_loss;
  std::optional<std::int64_t> best_step;
  DetectorOptions::Watches watches = DetectorOptions::Watches::Plateaus;
  std::optional<PlateauSummary> plateau;   // the longest; of generalisation: since memorised
  std::optional<std::int64_t> eureka_step; // or the break of the plateau in context
  std::optional<std::int64_t> memorised_step, generalised_step; // where that is watched for

  std::optional<double> final_loss() const { return validation_loss ? validation_loss : train_loss; }
  std::optional<std::int64_t> jump_step() const { return generalised_step ? generalised_step : eureka_step; }
};

std::vector<MemberSummary> summaries(const training::Snapshot& snapshot);

/// The last value of a metric; empty when it has none.
std::optional<double> latest(const training::MemberView& member, const std::string& metric);

/// One of a summary's numbers.
struct SummaryMeasure {
  std::string name;  // as a column of a CSV file: "plateau_length"
  std::string title; // short, for a table: "length"
  std::string help;  // one sentence
  std::optional<double> (*value)(const MemberSummary& member);
  enum class Kind { Loss, Share, Step } kind = Kind::Step;
};
const std::vector<SummaryMeasure>& summary_measures();

/// Over members that differ in their seed alone.
struct SeedSpread {
  int count = 0;                        // of those that have a value
  double median = 0, low = 0, high = 0; // quartiles
};
struct SeedSummary {
  std::string name; // without the seed
  std::vector<MemberSummary> seeds;
  std::vector<std::optional<SeedSpread>> spreads; // by summary_measures()
};
std::vector<SeedSummary> over_seeds(const std::vector<MemberSummary>& members);

/// "ViT · seed 3" -> "ViT".
std::string without_seed(const std::string& member_name);

} // namespace plateau::analysis
