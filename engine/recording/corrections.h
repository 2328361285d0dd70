// Plateaus as a person has corrected them: the one place where corrections are applied to what detectors
// found.
#pragma once

#include <optional>
#include <vector>

#include "engine/analysis/member_summary.h"
#include "engine/recording/annotations.h"
#include "engine/training/snapshot.h"

namespace plateau::recording {

/// A plateau of a member as it is to be shown, and as the detector found it. Steps.
struct Plateau {
  int member = 0;
  std::int64_t begin = 0, detected_begin = 0;
  std::optional<std::int64_t> end, detected_end; // empty: it lasts
  bool corrected = false;
};

/// The plateaus among events as recorded, with the corrections.
std::vector<Plateau> plateaus(const std::vector<training::Event>& recorded,
                              const std::vector<PlateauCorrection>& corrections);

/// Events as recorded -> as they are to be shown: corrected plateaus begin and end where the person says, and
/// their texts tell both.
std::vector<training::Event> corrected(std::vector<training::Event> recorded,
                                       const std::vector<PlateauCorrection>& corrections);
/// Was it set by a person? Of an event that corrected() has made.
bool is_corrected(const training::Event& event);

/// Likewise of a member's summary.
void correct(analysis::MemberSummary& summary, const std::vector<PlateauCorrection>& corrections);

} // namespace plateau::recording
