// A picture of each of several steps, as files or as one that moves.
#pragma once

#include "app/commands/figure.h"
#include "app/figures/compose.h"

namespace plateau::commands {

/// The recipe at `frames` steps from `from` to `to`; panels with a step of their own keep it. Prints what was
/// written. Throws InputError and RunError.
void write_frames(const FigureArguments& arguments, const figures::Recipe& recipe, const figures::Run& run);

/// "a-%04d.png" with number 7: "a-0007.png". Throws InputError when the pattern has no place for a number, or
/// more than one.
std::string numbered(const std::string& pattern, int number);

} // namespace plateau::commands
