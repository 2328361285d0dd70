// What panels ask for. A panel changes nothing but its own look: it appends actions, and the session or
// the shell carries them out after the frame is drawn.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/figures/recipe.h"
#include "engine/recording/annotations.h"
#include "engine/study/value.h"
#include "engine/training/trainer.h"

namespace plateau::window {

// --- the run
struct TogglePlay {};
struct StepOnce {};
struct Restart {};   // same study, same seeds, a new recording
struct NewSeeds {};  // as Restart, with seeds not used yet
struct RestartWith { // as Restart, with these changes
  std::vector<study::Assignment> changes;
  std::string member; // only of this one; empty: of the whole study
};
struct RewindHere {}; // to the last checkpoint at or before the playhead
struct RewindTo {     // to the checkpoint of exactly this step
  std::int64_t step = 0;
};
struct BranchHere {}; // a fork of the selected member from its last checkpoint at or before the playhead
struct BranchWith {   // a fork of `member` from its checkpoint of exactly `step`
  int member = 0;
  std::int64_t step = 0;
  std::vector<study::Assignment> changes;
  std::string name; // empty: chosen by the trainer
};
struct ContinueTraining {
  std::int64_t further_steps = 0;
}; // a replayed recording becomes a live run again
struct SwitchAttention {
  bool keep_twin = false;
}; // to what the attention control shows
struct Post {
  training::Command command;
};

// --- what is shown
struct Scrub {
  std::int64_t step = 0;
};
struct ScrubBy {
  int samples = 0;
}; // relative, in recorded samples
struct ScrubToEvent {
  int direction = 1;
}; // to the next (1) or the previous (-1) one on the time line
struct ScrubToStart {};
struct ScrubToEnd {};
struct GoLive {};
struct ReplaySpeed {
  double factor = 1;
};
struct SelectMember {
  int id = 0;
};
struct FlipMember {
  bool held = true;
}; // while held, the member to compare with stands in for the selected one

// --- what the person adds to the recording
struct Annotate {
  recording::Annotations next; // the whole of it, with the change
  std::string what;            // names the change for undo: "rename ViT"
};
struct EditRemark {
  recording::Remark remark; // one of the annotations, or a new one to be written
  bool is_new = false;
};
struct Undo {};
struct Redo {};

// --- files
struct OpenStudy {
  std::string name_or_path;
};
struct OpenFile {
  std::filesystem::path path;
}; // a recording or a study
struct OpenFiles {
  std::vector<std::filesystem::path> paths; // at least one
};                                          // the first as OpenFile, the others as AddRecording
struct AddRecording {
  std::filesystem::path path;
}; // beside what is open: its members are compared with the others
struct TakeAwayRecording {
  std::string name; // as before its members' names
};

// --- what the members table does with the selected member
struct RenameMember {};
struct RemoveMember {}; // from the view

// --- the window
struct ShowOpenDialog {};
struct ShowExport {
  figures::PanelSpec panel; // what it begins with; without a figure that of the open tab
};
struct ShowBranchDialog {
  std::optional<std::int64_t> step; // what it begins with; empty: as BranchHere
};
struct SaveScreenshot {
  bool of_panel = false; // the one under the mouse; else of the window
};
struct ToggleHelp {};
struct ToggleTheme {};
struct ScaleFont {
  float factor = 1;
}; // 0: back to 1
struct ShowTab {
  int index = 0; // among the tabs that are shown
};
struct Say {
  std::string message;
}; // in the line for messages
struct DismissNotice {};
struct TakeOffer {
  bool train = false; // go on with the training of what is offered
};
struct DeclineOffer {};
struct Quit {};

using Action =
    std::variant<TogglePlay, StepOnce, Restart, NewSeeds, RestartWith, RewindHere, RewindTo, BranchHere,
                 BranchWith, ContinueTraining, SwitchAttention, Post, Scrub, ScrubBy, ScrubToEvent,
                 ScrubToStart, ScrubToEnd, GoLive, ReplaySpeed, SelectMember, FlipMember, RenameMember,
                 RemoveMember, Annotate, EditRemark, Undo, Redo, OpenStudy, OpenFile, OpenFiles, AddRecording,
                 TakeAwayRecording, ShowOpenDialog, ShowExport, ShowBranchDialog, SaveScreenshot, ToggleHelp,
                 ToggleTheme, ScaleFont, ShowTab, Say, DismissNotice, TakeOffer, DeclineOffer, Quit>;
using Actions = std::vector<Action>;

} // namespace plateau::window
