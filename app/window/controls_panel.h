// The settings of the selected member, made from the field table.
#pragma once

#include <array>
#include <map>
#include <string>

#include "app/window/field_editor.h"
#include "app/window/sent_values.h"
#include "app/window/view.h"

namespace plateau::window {

class ControlsPanel {
public:
  void draw(const View& view);

private:
  void group(const View& view, const std::string& name);
  void checkpoint_cost(const View& view); // what is kept now
  void row(const View& view, const study::Field& field);
  /// Sends the decay along, converted, so that a step still loses as much.
  void change_decay_unit(const View& view, const std::string& unit);
  void restart_bar(const View& view);
  bool can_edit(const View& view, const study::Field& field) const;
  bool matches_search(const study::Field& field) const;

  FieldEditor editor_;
  bool all_members_ = true;
  std::map<std::string, study::Value> draft_; // changes that need a restart
  SentValues sent_;
  int run_ = -1, member_ = -1; // whose draft it is
  std::array<char, 64> search_{};
};

} // namespace plateau::window
