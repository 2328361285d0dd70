#include <cstdio>
#include <exception>
#include <string>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/command_line.h"
#include "app/log.h"
#include "engine/errors.h"

namespace {

using namespace plateau;

constexpr int failed = 1, bad_input = 2;

int carry_out(const app::NoArguments&) {
  return commands::default_command();
}
int carry_out(const app::HelpArguments& arguments) {
  fmt::print("{}", arguments.text);
  return 0;
}
int carry_out(const commands::GuiArguments& arguments) {
  return commands::gui_command(arguments);
}
int carry_out(const commands::RunArguments& arguments) {
  return commands::run_command(arguments);
}
int carry_out(const commands::FigureArguments& arguments) {
  return commands::figure_command(arguments);
}
int carry_out(const commands::ExportArguments& arguments) {
  return commands::export_command(arguments);
}
int carry_out(const commands::InspectArguments& arguments) {
  return commands::inspect_command(arguments);
}
int carry_out(const commands::CodeArguments& arguments) {
  return commands::code_command(arguments);
}
int carry_out(const commands::ListArguments& arguments) {
  return commands::list_command(arguments);
}
int carry_out(const commands::InfoArguments& arguments) {
  return commands::info_command(arguments);
}
int carry_out(const commands::BenchArguments& arguments) {
  return commands::bench_command(arguments);
}

/// One line on standard error, everything in the log.
int complain(const std::string& text, int exit_code) {
  spdlog::error("{}", text);
  fmt::print(stderr, "plateau: {}\n", text.substr(0, text.find('\n')));
  return exit_code;
}

} // namespace

int main(int argc, char** argv) {
  app::start_log();
  try {
    const app::Arguments arguments = app::parse_command_line(argc, argv);
    const int exit_code = std::visit([](const auto& chosen) { return carry_out(chosen); }, arguments);
    if (std::fflush(stdout) != 0) return complain("cannot write to standard output (disk full?)", failed);
    return exit_code;
  } catch (const InputError& error) {
    return complain(error.what(), bad_input);
  } catch (const std::exception& error) { // RunError, and what nobody foresaw
    return complain(error.what(), failed);
  }
}
