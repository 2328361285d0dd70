// `plateau info`: what this build and this machine have, for bug reports and scripts.
#pragma once

namespace plateau::commands {

struct InfoArguments {
  bool json = false;
};

int info_command(const InfoArguments& arguments);

} // namespace plateau::commands
