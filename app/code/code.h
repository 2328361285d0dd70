// The study at hand as text to paste elsewhere: TOML, a command line, a PyTorch script.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/study/study.h"

namespace plateau::code {

/// One line per intervention that is not in the study's own script, for people: "step 100: ...".
std::vector<std::string> notes(const study::Study& study, std::span<const study::Intervention> happened);

/// The study's document; notes stand in front as comments.
std::string as_toml(const study::Study& study, std::span<const std::string> notes = {});

/// A command that trains this study: `plateau run BASE --set …` with what differs from the shipped study of
/// its name. Where that cannot say it, or none is shipped, commands that write the document first, to a file
/// that must not be there, and then train it. Quoted for a POSIX shell.
std::string as_command(const study::Study& study, std::span<const std::string> notes = {});

/// One member, from its first step on.
struct Subject {
  std::string study, member; // their names
  std::int64_t seed = 0;
  study::Settings settings;
  std::vector<std::string> notes; // what happened to it that the script does not do
};

/// The study's member, with what is scripted for it among its notes. Throws InputError.
Subject subject(const study::Study& study, const study::MemberSpec& member);

/// For the notes of a member that the study does not name.
std::string fork_note(const std::string& parent, std::int64_t step);

/// Why a member cannot be written in plain PyTorch, one line; empty when it can.
std::string why_not_pytorch(const study::Settings& settings);

/// A Python script that needs torch alone (image tasks: their data files, too), builds the member's model and
/// task and trains it: same shapes, initial distributions, loss, optimizer and schedules, but PyTorch's own
/// random numbers. Throws InputError with why_not_pytorch().
std::string as_pytorch(const Subject& subject);

} // namespace plateau::code
