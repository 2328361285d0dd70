// Layers x heads of attention maps; the mouse previews one in large, a click pins it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/figures/maps.h"
#include "app/window/view.h"
#include "widgets/heat_map.h"

namespace plateau::window {

class AttentionTab {
public:
  void draw(const View& view);

private:
  void tools(const View& view);
  void update_grid(const View& view);
  void update_large(const View& view, int map);
  void detail(const View& view, int map, widgets::Size size);
  void input_with_overlay(const View& view, int layer, int head, float side);
  void tokens_with_overlay(const View& view, int layer, int head, widgets::Size size);
  void cell_tooltip(const View& view, const widgets::HeatMap& map, widgets::Cell cell) const;
  /// Of the sample shown; empty for the mean and where inputs are no sequences.
  std::vector<std::string> tokens(const View& view) const;
  bool of_sequences(const View& view) const;
  std::string token_name(const View& view, int token) const;
  void answers(const View& view);
  int heads(const View& view) const;

  int sample_ = -1;         // -1: mean
  int query_ = 0, key_ = 0; // the cell clicked in the large map
  int grid_view_ = 0;       // matrices, or one query's row on the patches
  int overlay_ = 1;         // none, from the query, received
  int pinned_ = 0;          // index into the grid
  std::optional<int> hovered_;

  // What was made from the arrays, and from which.
  std::string grid_key_, large_key_;
  std::shared_ptr<const training::TensorFrame> frame_;
  widgets::HeatMapGrid grid_;
  widgets::HeatMap large_;
  std::shared_ptr<const training::TaskInfo> task_;     // with the sequences of this member's maps
  std::shared_ptr<const training::TaskInfo> task_of_;  // what it was made from: the snapshot's task
  std::shared_ptr<const training::Tensor> own_tokens_; // and the frame's sequences
  std::vector<widgets::ImagePtr> inputs_;
};

} // namespace plateau::window
