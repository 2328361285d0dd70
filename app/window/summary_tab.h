// What came out of each member, and of seeds together, as a table of numbers.
#pragma once

#include <string>
#include <vector>

#include "app/window/view.h"
#include "engine/analysis/member_summary.h"
#include "engine/analysis/summary_table.h"

namespace plateau::window {

class SummaryTab {
public:
  void draw(const View& view);

private:
  enum Rows { Members, OverSeeds };

  void update(const View& view);
  void tools(const View& view);
  void save(const View& view);
  void member_rows(const View& view, std::vector<const analysis::MemberSummary*> rows);
  void seed_rows(const View& view);
  analysis::TextTable as_text() const;

  std::vector<analysis::MemberSummary> members_; // that are listed
  std::vector<analysis::SeedSummary> seeds_;
  std::vector<bool> used_; // by summary_measures(): any member has it
  int rows_ = Members;
  std::string note_; // what was saved or copied
  // Of what they were made from.
  int run_ = -1;
  std::vector<std::pair<int, std::string>> names_;
  std::vector<recording::PlateauCorrection> corrections_;
  std::int64_t step_ = -1;
  training::State state_ = training::State::Preparing;
  double next_ = 0; // ImGui time
};

} // namespace plateau::window
