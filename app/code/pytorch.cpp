#include <algorithm>

#include <fmt/format.h>

#include "app/code/code.h"
#include "app/code/pytorch_parts.h"
#include "engine/errors.h"

namespace plateau::code {
namespace {

std::string model_code(const study::Settings& settings) {
  if (settings.model.kind == "linear-transformer") return linear_transformer_code(settings);
  if (settings.model.kind == "resnet") return resnet_code(settings);
  return transformer_code(settings);
}

/// One line of a comment, whatever a name holds.
std::string comment(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return "# " + text + "\n";
}

std::string head(const Subject& subject) {
  const auto& s = subject.settings;
  std::string text = comment(fmt::format("{} · {}, seed {}: written by Plateau {}.", subject.study,
                                         subject.member, subject.seed, PLATEAU_VERSION));
  text +=
      comment("The study's shapes, initial distributions, loss, optimizer and schedules. Random numbers are");
  text += comment("PyTorch's own, so curves agree as those of two seeds do.");
  if (s.training.halt_after > 0)
    text += comment(fmt::format("Plateau halts at {} times the step of the jump; this goes on to the end.",
                                s.training.halt_after));
  for (const auto& note : subject.notes) text += comment(note);
  return text;
}

} // namespace

bool is_transformer(const study::Settings& settings) {
  return settings.model.kind != "resnet" && settings.model.kind != "linear-transformer";
}

std::string why_not_pytorch(const study::Settings& settings) {
  if (auto why = why_no_task(settings.task); !why.empty()) return why;
  if (is_transformer(settings))
    if (auto why = why_no_transformer(settings); !why.empty()) return why;
  return why_no_training(settings);
}

std::string as_pytorch(const Subject& subject) {
  const auto& s = subject.settings;
  if (const auto why = why_not_pytorch(s); !why.empty())
    throw InputError(fmt::format("{}: {}", subject.member, why));
  const bool images = s.task.kind == "two-step-image";
  std::string code = head(subject);
  if (s.model.subtract_initial) code += "import copy\n";
  if (images) code += "import gzip\n";
  code += "import math\n";
  if (images) code += "import os\n";
  code += fmt::format(
      "\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n"
      "torch.manual_seed({})\ndevice = \"cuda\" if torch.cuda.is_available() else \"cpu\"\nsteps = {}\n\n",
      subject.seed, s.training.steps);
  return code + task_code(s) + "\n\n" + model_code(s) + "\n\n" + training_code(s);
}

std::string indented(const std::string& lines, int spaces) {
  std::string result;
  for (std::size_t begin = 0; begin < lines.size();) {
    const auto end = std::min(lines.find('\n', begin), lines.size() - 1) + 1;
    if (lines[begin] != '\n') result.append(static_cast<std::size_t>(spaces), ' ');
    result += lines.substr(begin, end - begin);
    begin = end;
  }
  return result;
}

std::string python_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      quoted += fmt::format("\\x{:02x}", c);
    else
      quoted += c;
  }
  return quoted + '"';
}

} // namespace plateau::code
