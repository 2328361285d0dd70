// The command line as data. Nothing is carried out here.
#pragma once

#include <string>
#include <variant>

#include "app/commands/bench.h"
#include "app/commands/code.h"
#include "app/commands/export.h"
#include "app/commands/figure.h"
#include "app/commands/gui.h"
#include "app/commands/info.h"
#include "app/commands/inspect.h"
#include "app/commands/list.h"
#include "app/commands/run.h"

namespace plateau::app {

/// --help, --version: text for standard output.
struct HelpArguments {
  std::string text;
};
/// No arguments at all.
struct NoArguments {};

using Arguments = std::variant<NoArguments, HelpArguments, commands::GuiArguments, commands::RunArguments,
                               commands::FigureArguments, commands::ExportArguments,
                               commands::InspectArguments, commands::ListArguments, commands::InfoArguments,
                               commands::BenchArguments, commands::CodeArguments>;

/// Throws InputError with one line that says what is wrong and, for a wrong name, what was probably meant.
Arguments parse_command_line(int argc, const char* const* argv);

} // namespace plateau::app
