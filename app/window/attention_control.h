// The attention variant as a first-class control: what it does to the scores, and switching to it in mid-run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/window/field_editor.h"
#include "app/window/score_rows.h"
#include "app/window/view.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"

namespace plateau::window {

class AttentionControl {
public:
  void draw(const View& view);

  /// The change that the control proposes; empty when it shows what is in force.
  std::optional<study::Intervention> proposal(const View& view, bool keep_twin) const;

private:
  /// How one row of scores fares under the proposed attention.
  struct Picture {
    widgets::HeatMap jacobian;
    widgets::Histogram weights;
    double norm = 0;     // of the Jacobian, Frobenius
    double norm_now = 0; // likewise, with the attention in force
  };

  study::Settings proposed_settings(const training::MemberView& member) const;
  void forget_what_is_in_force(const training::MemberView& member);
  void rows(const View& view, const study::Settings& proposed);
  void buttons(const View& view);
  void picture(const View& view, const study::Settings& proposed);
  void update_picture(const View& view, const study::Settings& proposed);

  FieldEditor editor_;
  std::map<std::string, study::Value> proposed_; // differs from what is in force
  int run_ = -1, member_ = -1;                   // whose
  std::string scores_label_;                     // the chosen row; empty: the first
  std::vector<ScoreRow> score_rows_;

  // What the picture was made from.
  std::string picture_key_;
  study::AttentionSettings picture_now_, picture_proposed_;
  std::shared_ptr<const training::TensorFrame> picture_frame_;
  Picture picture_;
};

} // namespace plateau::window
