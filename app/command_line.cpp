#include "app/command_line.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/study/study.h"

namespace plateau::app {

using namespace commands;

namespace {

constexpr const char* device_help = "auto, cpu or cuda";
constexpr int most_threads = 1024;

/// Repeatable, one value each: without this a list of values would swallow what follows.
CLI::Option* repeatable(CLI::Option* option) {
  return option->allow_extra_args(false)->take_all();
}

void add_study_options(CLI::App& command, StudyArguments& study) {
  repeatable(
      command.add_option("--set", study.assignments, "change a field; repeatable ('plateau list fields')")
          ->type_name("FIELD=VALUE"));
  command.add_option("--steps", study.steps, "how many steps are trained")->type_name("N");
  command.add_option("--seeds", study.seeds, "every member with N seeds, or with these")
      ->type_name("N|A,B,C");
}

void add_machine_options(CLI::App& command, std::string& device, int& threads) {
  command.add_option("--device", device, device_help)->type_name("DEVICE");
  command.add_option("--threads", threads, "members trained at once on a CPU (default: one per core)")
      ->type_name("N");
}

struct Parsed {
  GuiArguments gui;
  RunArguments run;
  FigureArguments figure;
  ExportArguments export_;
  InspectArguments inspect;
  ListArguments list;
  InfoArguments info;
  BenchArguments bench;
  CodeArguments code;
  std::string run_study, code_target;
};

void add_gui(CLI::App& app, GuiArguments& gui) {
  CLI::App* command = app.add_subcommand("gui", "open the window on a study or a recording");
  command->add_option("target", gui.target, "a study's name or path, or a .plateau file")
      ->type_name("STUDY|RECORDING");
  command->add_option("beside", gui.beside, "recordings to compare it with")->type_name("RECORDING...");
  add_study_options(*command, gui.study);
  add_machine_options(*command, gui.device, gui.threads);
  command->add_option("--script", gui.script, "drive the window with this script")->type_name("FILE");
  command->add_option("--screenshot", gui.screenshot, "save the last frame")->type_name("FILE.png");
  command->add_option("--quit-after", gui.quit_after, "close after this many training steps")->type_name("N");
  command->add_option("--size", gui.size, "of the window, in pixels")->type_name("WxH");
  command->add_option("--theme", gui.theme, "light or dark")->type_name("THEME");
  command->add_option("--font-scale", gui.font_scale, "0.6 to 3")->type_name("FACTOR");
}

void add_run(CLI::App& app, Parsed& parsed) {
  RunArguments& run = parsed.run;
  CLI::App* command = app.add_subcommand("run", "train a study without a window");
  command->add_option("study", parsed.run_study, "a study's name or path ('plateau list studies')")
      ->type_name("STUDY");
  add_study_options(*command, run.study);
  command->add_option("--out", run.out, "the recording; must not exist (default: STUDY.plateau here)")
      ->type_name("FILE");
  add_machine_options(*command, run.device, run.threads);
  command->add_option("--resume", run.resume, "go on with this recording")->type_name("FILE");
  command->add_flag("--json", run.json, "one JSON object per line, the last one a summary");
}

void add_figure(CLI::App& app, FigureArguments& figure) {
  CLI::App* command = app.add_subcommand("figure", "draw figures of a recording as PDF, SVG or PNG");
  command->add_option("recording", figure.recording, "a .plateau file")->type_name("RECORDING");
  command->add_option("figures", figure.figures, "one or more names ('plateau figure --list')")
      ->type_name("FIGURE");
  command->add_flag("--list", figure.list, "name the figures");
  command->add_flag("--json", figure.json, "with --list: as JSON");
  command
      ->add_option("--recipe", figure.recipe,
                   "a page of several panels ('plateau list recipes') or a .toml file")
      ->type_name("NAME|FILE");
  repeatable(
      command->add_option("--member", figure.members, "draw only this one; repeatable")->type_name("NAME"));
  command->add_option("--step", figure.step, "attention and the like at this step (default: the last)")
      ->type_name("N");
  command->add_option("--size", figure.size, "in millimetres")->type_name("WxH");
  command->add_option("--theme", figure.theme, "print, light or dark")->type_name("THEME");
  command->add_option("--text", figure.text, "size of the small text in points (default: 7)")
      ->type_name("PT");
  command->add_option("--out", figure.out, "the file (default: RECORDING-FIGURE.pdf here); .csv: its numbers")
      ->type_name("FILE.{pdf,svg,png,csv}");
  command->add_flag("--force", figure.force, "replace existing files");
  command->add_option("--smoothing", figure.smoothing, "mean over so many steps; 0: none")
      ->type_name("STEPS");
  command->add_flag("--log-x", figure.log_x, "logarithmic steps");
  command->add_flag("--log-y", figure.log_y, "logarithmic values");
  command->add_option("--x-scale", figure.x_scale, "of the steps: linear, log or symlog")->type_name("SCALE");
  command->add_option("--y-scale", figure.y_scale, "of the values: linear, log or symlog")
      ->type_name("SCALE");
  command->add_flag("--seed-bands{range}", figure.seed_bands,
                    "median over seeds with their range, or with --seed-bands=quartiles");
  command->add_option("--reference", figure.reference, "difference: the member that is subtracted")
      ->type_name("NAME");
  command->add_flag("--no-events", figure.no_events, "without plateaus, jumps and interventions");
  command->add_flag("--no-remarks", figure.no_remarks, "without what you have written at steps");
  command->add_flag("--no-guides", figure.no_guides, "without derived levels");
  command->add_flag("--no-legend", figure.no_legend, "without legend");
  command->add_option("--layer", figure.layer, "this layer alone, from 1")->type_name("N");
  command->add_option("--head", figure.head, "this head alone, from 1")->type_name("N");
  command->add_option("--from", figure.from, "a picture for each of several steps, from this one")
      ->type_name("N");
  command->add_option("--to", figure.to, "to this one; --out NAME-%04d.png, or FILE.apng: one that moves")
      ->type_name("N");
  command->add_option("--frames", figure.frames, "how many (default: 50)")->type_name("K");
  command->add_option("--rate", figure.rate, "pictures per second of an .apng (default: 10)")->type_name("R");
}

void add_export(CLI::App& app, ExportArguments& export_) {
  CLI::App* command =
      app.add_subcommand("export", "write a recording's curves or weights for other programs");
  command->footer("NumPy: numpy.load(FILE) gives by name, for each member M,\n"
                  "  M/curves/METRIC  records of step and value: run[\"ViT/curves/loss/train\"][\"value\"]\n"
                  "  M/arrays/NAME    what a probe kept: attention/mean [layers, heads, queries, keys], …\n"
                  "  M/step           the step of these arrays\n"
                  "and study, the TOML. M is the member's name, with - for what no file name may hold.\n"
                  "TensorBoard: a run is a member; times are one millisecond per step after the start.");
  command->add_option("recording", export_.recording, "a .plateau file")->type_name("RECORDING");
  command->add_option("--csv", export_.csv, "curves, members and events, into this folder")
      ->type_name("FOLDER");
  command
      ->add_option("--tensorboard", export_.tensorboard,
                   "curves, histograms and attention maps as event files, a folder per member")
      ->type_name("FOLDER");
  command->add_option("--npz", export_.npz, "curves and a step's arrays for NumPy")->type_name("FILE.npz");
  command->add_option("--safetensors", export_.safetensors, "weights of a checkpoint")->type_name("FILE");
  command->add_option("--step", export_.step, "of the weights or arrays (default: the last)")->type_name("N");
  command
      ->add_option("--member", export_.member, "only this one (default: all; of weights the first member's)")
      ->type_name("NAME");
  command->add_flag("--force", export_.force, "replace existing files");
}

void add_inspect(CLI::App& app, InspectArguments& inspect) {
  CLI::App* command = app.add_subcommand(
      "inspect",
      "write inputs, targets, logits, attention maps and weights at a checkpoint, to check our numbers");
  command->add_option("recording", inspect.recording, "a .plateau file")->type_name("RECORDING");
  command->add_option("--step", inspect.step, "the checkpoint's step")->type_name("N");
  command->add_option("--member", inspect.member, "default: the first")->type_name("NAME");
  command->add_option("--out", inspect.out, "the file")->type_name("FILE.safetensors");
  command->add_flag("--force", inspect.force, "replace an existing file");
}

void add_code(CLI::App& app, Parsed& parsed) {
  CLI::App* command =
      app.add_subcommand("code", "print a study as TOML, as a command line or as a PyTorch script");
  command->add_option("target", parsed.code_target, "a study's name or path, or a .plateau file")
      ->type_name("STUDY|RECORDING");
  add_study_options(*command, parsed.code.study);
  command->add_option("--as", parsed.code.form, "toml, command or pytorch (default: toml)")
      ->type_name("FORM");
  command->add_option("--member", parsed.code.member, "of the script (default: the first)")
      ->type_name("NAME");
}

void add_list_and_info(CLI::App& app, Parsed& parsed) {
  CLI::App* list = app.add_subcommand(
      "list", "name studies, attention variants, tasks, probes, figures, recipes or fields");
  list->add_option("what", parsed.list.what, "studies, attention, tasks, probes, figures, recipes or fields")
      ->type_name("WHAT");
  list->add_flag("--json", parsed.list.json, "as JSON");
  CLI::App* info = app.add_subcommand("info", "tell what this build and this machine have");
  info->add_flag("--json", parsed.info.json, "as JSON");
}

void add_bench(CLI::App& app, BenchArguments& bench) {
  CLI::App* command =
      app.add_subcommand("bench", "measure training steps per second on cases of fixed sizes");
  command->add_option("cases", bench.cases, "which ('plateau bench --list'); default: all")
      ->type_name("CASE");
  command->add_option("--threads", bench.threads, "default: one per core")->type_name("N");
  command->add_option("--rounds", bench.rounds, "interleaved rounds; medians are reported")->type_name("N");
  command->add_option("--seconds", bench.seconds, "per path and round")->type_name("S");
  command->add_flag("--no-verify", bench.skip_verification, "do not compare the loss curves first");
  command->add_flag("--list", bench.list, "name the cases");
  command->add_flag("--json", bench.json, "one JSON object a line: the machine, then each case");
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> names_of_options(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// What CLI11 did not understand, as a sentence.
[[noreturn]] void refuse_extra(const CLI::App& command, const std::string& name, const std::string& extra) {
  if (extra.size() < 2 || extra[0] != '-')
    throw InputError(fmt::format("{}: nothing is expected at '{}'; see {} --help", name, extra, name));
  const std::string option = extra.substr(0, extra.find('='));
  std::string hint = study::did_you_mean(option, names_of_options(command));
  if (hint.empty()) hint = fmt::format("; see {} --help", name);
  throw InputError(fmt::format("{}: there is no option '{}'{}", name, option, hint));
}

/// What a person may have meant to open.
bool is_study_or_file(const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(name, ignored)) return true;
  const auto studies = study::list_studies();
  return std::any_of(studies.begin(), studies.end(), [&](const auto& study) { return study.name == name; });
}

void check_word(const char* what, const std::string& value, const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  throw InputError(fmt::format("{}: '{}' is not one of {}{}", what, value, fmt::join(allowed, ", "),
                               study::did_you_mean(value, allowed)));
}

void check_range(const CLI::App& command, const char* option, double value, double low, double high) {
  if (command.count(option) && !(value >= low && value <= high))
    throw InputError(fmt::format("{}: {} is not from {} to {}", option, value, low, high));
}

void check_machine(const CLI::App& command, const std::string& device, int threads) {
  check_word("--device", device, {"auto", "cpu", "cuda"});
  check_range(command, "--threads", threads, 1, most_threads);
}

void require(const std::string& name, const char* argument, const std::string& value) {
  if (value.empty()) throw InputError(fmt::format("{}: {} is missing; see {} --help", name, argument, name));
}

Arguments checked(const CLI::App& command, const std::string& name, Parsed& parsed) {
  const std::string& which = command.get_name();
  if (which == "gui") {
    check_machine(command, parsed.gui.device, parsed.gui.threads);
    if (command.count("--theme")) check_word("--theme", parsed.gui.theme, {"light", "dark"});
    return parsed.gui;
  }
  if (which == "run") {
    check_machine(command, parsed.run.device, parsed.run.threads);
    parsed.run.study_named = !parsed.run_study.empty();
    if (parsed.run.study_named) parsed.run.study.study = parsed.run_study;
    return parsed.run;
  }
  if (which == "figure") {
    if (!parsed.figure.list) {
      require(name, "RECORDING", parsed.figure.recording);
      if (parsed.figure.recipe.empty())
        require(name, "FIGURE", parsed.figure.figures.empty() ? "" : parsed.figure.figures.front());
      if (parsed.figure.wants_frames()) require(name, "--out", parsed.figure.out);
      check_range(command, "--smoothing", parsed.figure.smoothing, 0, 1e12);
      check_range(command, "--layer", parsed.figure.layer, 1, 1000);
      check_range(command, "--head", parsed.figure.head, 1, 1000);
    }
    return parsed.figure;
  }
  if (which == "export") {
    require(name, "RECORDING", parsed.export_.recording);
    return parsed.export_;
  }
  if (which == "inspect") {
    require(name, "RECORDING", parsed.inspect.recording);
    return parsed.inspect;
  }
  if (which == "list") return parsed.list;
  if (which == "code") {
    require(name, "STUDY", parsed.code_target);
    check_word("--as", parsed.code.form, {"toml", "command", "pytorch"});
    parsed.code.study.study = parsed.code_target;
    return parsed.code;
  }
  if (which == "bench") {
    check_range(command, "--threads", parsed.bench.threads, 1, most_threads);
    check_range(command, "--rounds", parsed.bench.rounds, 1, 1000);
    check_range(command, "--seconds", parsed.bench.seconds, 0, 3600);
    return parsed.bench;
  }
  return parsed.info;
}

} // namespace

Arguments parse_command_line(int argc, const char* const* argv) {
  if (argc < 2) return NoArguments{};

  CLI::App app("Plateau trains small transformers live and shows what happens inside.\n"
               "Without arguments it opens the window on the study 'eureka' and starts training.",
               "plateau");
  app.set_version_flag("--version", "plateau " PLATEAU_VERSION);
  app.require_subcommand(0, 1);
  Parsed parsed;
  add_gui(app, parsed.gui);
  add_run(app, parsed);
  add_figure(app, parsed.figure);
  add_export(app, parsed.export_);
  add_inspect(app, parsed.inspect);
  add_code(app, parsed);
  add_list_and_info(app, parsed);
  add_bench(app, parsed.bench);
  // Extras are collected and then refused with a hint.
  app.allow_extras();
  for (CLI::App* command : app.get_subcommands(nullptr)) command->allow_extras();

  const std::string first = argv[1];
  const auto commands = names_of_commands(app);
  if (first == "help") return HelpArguments{app.help()};
  if (!first.starts_with('-') && std::find(commands.begin(), commands.end(), first) == commands.end()) {
    std::string hint = study::did_you_mean(first, commands);
    if (is_study_or_file(first))
      hint = fmt::format("; to open it: plateau gui {}", first);
    else if (hint.empty())
      hint = fmt::format("; there are: {}", fmt::join(commands, ", "));
    throw InputError(fmt::format("there is no command '{}'{}", first, hint));
  }

  const auto chosen = [&]() -> const CLI::App& {
    const auto parsed_commands = app.get_subcommands();
    return parsed_commands.empty() ? app : *parsed_commands.front();
  };
  const auto name_of = [](const CLI::App& command) {
    return command.get_parent() ? "plateau " + command.get_name() : std::string("plateau");
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    return HelpArguments{std::string(version.what()) + "\n"};
  } catch (const CLI::CallForHelp&) {
    return HelpArguments{chosen().help()};
  } catch (const CLI::CallForAllHelp&) {
    return HelpArguments{app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::ParseError& error) {
    throw InputError(fmt::format("{}: {}", name_of(chosen()), error.what()));
  }

  const CLI::App& command = chosen();
  const std::string name = name_of(command);
  if (const auto extras = app.remaining(true); !extras.empty()) {
    // The option that is wrong, rather than the value that stood after it.
    const auto option = std::find_if(extras.begin(), extras.end(),
                                     [](const std::string& extra) { return extra.starts_with('-'); });
    refuse_extra(command, name, option == extras.end() ? extras.front() : *option);
  }
  if (&command == &app) return HelpArguments{app.help()};
  return checked(command, name, parsed);
}

} // namespace plateau::app
