// The fixed arrangement of panels with splitters between them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/window/attention_control.h"
#include "app/window/attention_tab.h"
#include "app/window/branch_dialog.h"
#include "app/window/context_tab.h"
#include "app/window/controls_panel.h"
#include "app/window/curves_panel.h"
#include "app/window/events_panel.h"
#include "app/window/export_dialog.h"
#include "app/window/features_tab.h"
#include "app/window/findings_tab.h"
#include "app/window/help_dialog.h"
#include "app/window/lab_tab.h"
#include "app/window/members_panel.h"
#include "app/window/open_dialog.h"
#include "app/window/optimizer_tab.h"
#include "app/window/parameter_tabs.h"
#include "app/window/preferences.h"
#include "app/window/remark_editor.h"
#include "app/window/saturation_tab.h"
#include "app/window/study_panel.h"
#include "app/window/summary_tab.h"
#include "app/window/text_tab.h"
#include "app/window/timeline_panel.h"
#include "app/window/top_bar.h"
#include "app/window/values_tab.h"

namespace plateau::window {

class Workspace {
public:
  Workspace(const Preferences& preferences, std::filesystem::path recordings, std::filesystem::path pictures)
      : curves_(preferences.smoothing), open_dialog_(std::move(recordings)),
        export_dialog_(std::move(pictures)) {}

  /// The whole window. Splitters move what is in `preferences`.
  void draw(const View& view, Preferences& preferences);

  /// Carries out what concerns the arrangement; false when `action` is not of that kind.
  bool perform(const Action& action);
  std::optional<study::Intervention> attention_switch(const View& view, bool keep_twin) const {
    return attention_control_.proposal(view, keep_twin);
  }
  /// While a dialog is open, shortcuts of the run wait.
  bool dialog_is_open() const {
    return open_dialog_.is_open() || help_dialog_.is_open() || export_dialog_.is_open() ||
           branch_dialog_.is_open() || remark_editor_.is_open();
  }

  /// Where the panel is that the mouse is over; empty: over none.
  std::optional<widgets::Rect> panel_under_mouse() const;

  const std::string& open_tab() const { return open_tab_; }
  /// By its name, if this run has it.
  void show_tab(std::string name) { named_tab_wanted_ = std::move(name); }
  CurvesLook curves_look(const View& view) const { return curves_.look(view); }
  void set_curves_look(const CurvesLook& look) { curves_.set_look(look); }

private:
  template<class Content>
  void region(const View& view, const char* id, widgets::Size size, bool scrolls, Content content);
  void left(const View& view);
  void centre(const View& view, Preferences& preferences);
  void right(const View& view);
  void tabs(const View& view);
  void export_figure(figures::PanelSpec panel);
  /// A tab that means something for this study; its item is "tab-NAME" in small letters.
  struct Tab {
    const char* name;
    std::function<void(const View& view)> draw;
  };
  std::vector<Tab> tabs_of(const View& view);

  TopBar top_bar_;
  StudyPanel study_panel_;
  AttentionControl attention_control_;
  ControlsPanel controls_panel_;
  CurvesPanel curves_;
  AttentionTab attention_tab_;
  SaturationTab saturation_tab_;
  ComponentsTab components_tab_;
  GradientsTab gradients_tab_;
  ValuesTab values_tab_;
  TextTab text_tab_;
  OptimizerTab optimizer_tab_;
  FeaturesTab features_tab_;
  ContextTab context_tab_;
  LabTab lab_tab_;
  FindingsTab findings_tab_;
  SummaryTab summary_tab_;
  MembersPanel members_panel_;
  EventsPanel events_panel_;
  TimelinePanel timeline_panel_;
  OpenDialog open_dialog_;
  HelpDialog help_dialog_;
  ExportDialog export_dialog_;
  BranchDialog branch_dialog_;
  RemarkEditor remark_editor_;
  std::vector<widgets::Rect> regions_; // in this frame
  int tab_wanted_ = -1;                // by a shortcut: which of the tabs shown
  std::vector<std::string> tab_names_; // of the tabs shown, in order
  std::string open_tab_, named_tab_wanted_;
};

} // namespace plateau::window
