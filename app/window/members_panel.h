// The table of members: sort, filter, select, show, rename, pin.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "app/window/member_menu.h"
#include "app/window/view.h"

namespace plateau::window {

class MembersPanel {
public:
  void draw(const View& view);

  // By the keyboard: of the selected member, when the table is drawn next.
  void rename_selected() { rename_wanted_ = true; }
  void remove_selected() { remove_wanted_ = true; }

private:
  struct Row {
    const training::MemberView* member = nullptr;
    bool pinned = false;
    std::int64_t step = 0;
    std::optional<double> loss, accuracy;
    std::optional<std::int64_t> eureka;
  };
  void obey_keyboard(const View& view);
  void filter_field(const View& view);
  bool matches_filter(const training::MemberView& member) const;
  std::vector<Row> rows(const View& view) const;
  void table(const View& view);
  void header(const View& view, const std::vector<Row>& rows);
  void row(const View& view, const Row& row);
  void tooltip(const View& view, const Row& row) const;
  void name(const View& view, const Row& row, bool selected) const;
  void color_square(const View& view, const Row& row);
  void name_field(const View& view, const training::MemberView& member);
  void footer(const View& view);

  std::array<char, 64> filter_{};
  std::vector<std::string> names_; // of all members, for shortening
  MemberMenu menu_;
  bool rename_wanted_ = false, remove_wanted_ = false;
  int renaming_ = -1; // id
  bool rename_begins_ = false, focus_name_ = false, rename_refused_ = false;
  std::array<char, 128> new_name_{};
};

} // namespace plateau::window
