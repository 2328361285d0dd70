// Pages: one or several figures of a recording as a recipe says, drawn on any canvas alike.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/figures/catalogue.h"
#include "app/figures/recipe.h"
#include "engine/recording/annotations.h"

namespace plateau::figures {

/// The arrays of a member at or before a step; null where there are none.
using FrameAt = std::function<std::shared_ptr<const training::TensorFrame>(int member, std::int64_t step)>;

/// What figures are drawn of.
struct Run {
  std::shared_ptr<const training::Snapshot> snapshot; // as it is to be shown (see looks.h)
  std::shared_ptr<const training::Snapshot> recorded; // with the names as recorded; null: no other ones
  recording::Annotations annotations;                 // the members' own colours
  FrameAt frame_at;
  std::vector<int> drawn = {}; // ids for panels that name no members; empty: all
};

/// Ids of those called so: by name, also the recorded one of a renamed member, by the number of the id, or
/// all seeds of "ViT" at once. `what` begins the message about a wrong one: "--member". Throws InputError
/// with the nearest names.
std::vector<int> find_members(const Run& run, const std::vector<std::string>& names, const std::string& what);

/// Every member as it was at `step`.
std::shared_ptr<const training::Snapshot> at_step(const std::shared_ptr<const training::Snapshot>& whole,
                                                  std::int64_t step, const FrameAt& frame_at);

const widgets::Theme& theme_named(const std::string& name); // print, light, dark

/// A recipe with everything looked up in a run: ready to be drawn.
struct Page {
  struct Panel {
    const FigureInfo* figure = nullptr;
    std::shared_ptr<const training::Snapshot> snapshot; // at the panel's step
    PlotOptions options;
    std::string title, letter;
    widgets::Rect share; // of the page, 0..1 in both directions
  };
  widgets::Size size_mm;
  double text_pt = 7;
  widgets::Theme theme;
  std::string title;
  std::vector<Panel> panels;
};

/// Throws InputError, with file and line where the recipe has them: members or steps that the run does not
/// have, figures that have nothing to show.
Page make_page(const Recipe& recipe, const Run& run);

/// The recipe's page with its height as it will be, in millimetres.
widgets::Size page_size(const Recipe& recipe);

/// Fills `where`; `unit`: canvas units per point on paper.
void draw_page(widgets::Canvas& canvas, const Page& page, const widgets::Rect& where, float unit);

/// Title and provenance: study, members with seeds, interventions, version, and what each panel shows.
widgets::Metadata metadata(const Page& page);

/// Throws InputError and RunError.
void write_page(const Page& page, const std::string& path);

} // namespace plateau::figures
