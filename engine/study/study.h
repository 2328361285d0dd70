// A study: what is trained, as a TOML document (DESIGN 2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/study/settings.h"
#include "engine/study/value.h"

namespace plateau::study {

/// One training run of a study: its seed and what it sets differently.
struct MemberSpec {
  std::string name;
  std::int64_t seed = 0;
  std::vector<Assignment> overrides;
  bool shown = true; // by the window, at first: a study may hold more members than one wants to see at once
  bool operator==(const MemberSpec&) const = default;
};

/// A change at a step, scripted in the study or made by a person and recorded (DESIGN 2).
/// It happens before the step's forward pass: a switch at step 100 first acts on the 101st batch.
struct Intervention {
  enum class Kind {
    Set,      // change fields of `member`; with keep_twin a fork goes on with the old settings
    Branch,   // fork `member` at its checkpoint of `from_step`, with `changes`
    Rewind,   // every running member is frozen and a fork goes on from its checkpoint of `from_step`
    Halt,     // `member` trains no further
    Continue, // a halted `member` trains on
  };
  Kind kind = Kind::Set;
  std::int64_t step = 0;
  std::string member = {}; // name; empty: every member that is running
  std::vector<Assignment> changes = {};
  bool keep_twin = false;
  std::int64_t from_step = 0;
  std::string new_name = {}; // of the fork; empty: chosen by the trainer
  bool operator==(const Intervention&) const = default;
};
std::string to_string(Intervention::Kind kind); // "set", "branch", ...
/// Does a member go on from an earlier step? Then steps no longer order a list of interventions.
bool goes_back_in_time(const Intervention& intervention);
/// One line for people: "attention.variant = norm-softmax on ViT 0, twin kept".
std::string describe(const Intervention& intervention);

struct Study {
  std::string name;  // short, for file names: "eureka"
  std::string title; // for people
  std::string description;
  Settings settings;                       // what members share
  std::vector<MemberSpec> members;         // at least one
  std::vector<Intervention> interventions; // scripted, in the order in which they happen
  bool operator==(const Study&) const = default;
};

/// The study's settings with the member's overrides. Throws InputError.
Settings settings_of(const Study& study, const MemberSpec& member);

/// Reads a study from TOML. Errors name `source`, line and key. Throws InputError.
Study parse_study(const std::string& toml, const std::string& source);
std::string to_toml(const Study& study);

/// A study by path or by name (looked for in assets/studies). Throws InputError with the nearest names.
Study load_study(const std::string& name_or_path);

struct StudyFile {
  std::string name, title;
  std::filesystem::path path;
};
/// The shipped studies, by name.
std::vector<StudyFile> list_studies();

/// Folder that holds `studies/` and other shipped files: $PLATEAU_ASSETS, else beside the executable, else
/// the installed or source tree. Throws InputError when there is none.
std::filesystem::path assets_folder();

/// Applies "field=value" to the shared settings and removes overrides of that field. Throws InputError.
void apply_assignment(Study& study, const std::string& assignment);

/// The name of a member's copy with this seed: "NAME · seed S".
std::string seeded_name(const std::string& name, std::int64_t seed);

/// Replaces the members by one copy of each per seed, named "NAME · seed S". Throws InputError.
void set_seeds(Study& study, const std::vector<std::int64_t>& seeds);

} // namespace plateau::study
