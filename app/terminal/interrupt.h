// Ctrl-C and its relatives, for commands that must end with whole files.
#pragma once

namespace plateau::terminal {

/// Exit code of a command that was interrupted.
inline constexpr int interrupted_exit_code = 130;

/// From here on SIGINT, SIGTERM and SIGHUP only make interrupted() true; the second one ends the process at
/// once with interrupted_exit_code. A SIGHUP that was ignored before (nohup) stays ignored.
void catch_interrupts();
bool interrupted();

} // namespace plateau::terminal
