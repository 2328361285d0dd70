#include <nlohmann/json.hpp>

#include "app/commands/run_text.h"

namespace plateau::commands {

using Json = nlohmann::ordered_json;
using training::MemberView;
using training::Snapshot;

namespace {

template<class T> Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

/// One line. Numbers that are not finite become null, broken UTF-8 a replacement character.
std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

std::string start_json(const Snapshot& snapshot) {
  Json members = Json::array();
  for (const MemberView& member : snapshot.members)
    members.push_back({{"name", member.name}, {"seed", member.seed}, {"parameters", member.parameters}});
  return line({{"type", "start"},
               {"study", snapshot.study ? snapshot.study->name : ""},
               {"data", snapshot.task ? snapshot.task->data : ""},
               {"device", snapshot.device},
               {"recording", snapshot.recording},
               {"step", snapshot.step},
               {"planned_steps", snapshot.planned_steps},
               {"members", std::move(members)}});
}

std::string progress_json(const Snapshot& snapshot) {
  Json members = Json::array();
  for (const MemberView& member : snapshot.members)
    members.push_back({{"name", member.name},
                       {"step", member.step},
                       {"train_loss", or_null(latest(member, "loss/train"))},
                       {"validation_loss", or_null(latest(member, "loss/validation"))},
                       {"accuracy", or_null(latest(member, "accuracy/validation"))}});
  return line({{"type", "progress"},
               {"step", snapshot.step},
               {"planned_steps", snapshot.planned_steps},
               {"steps_per_second", snapshot.steps_per_second},
               {"seconds_left", or_null(seconds_left(snapshot))},
               {"milliseconds_per_step",
                {{"data", snapshot.times.data},
                 {"forward", snapshot.times.forward},
                 {"backward", snapshot.times.backward},
                 {"optimizer", snapshot.times.optimizer},
                 {"evaluation", snapshot.times.evaluation},
                 {"probes", snapshot.times.probes},
                 {"curvature", snapshot.times.curvature}}},
               {"members", std::move(members)}});
}

std::string event_json(const Snapshot& snapshot, const training::Event& event) {
  const bool known = event.member >= 0 && static_cast<std::size_t>(event.member) < snapshot.members.size();
  return line({{"type", "event"},
               {"kind", to_string(event.kind)},
               {"step", event.step},
               {"member", known ? Json(snapshot.members[event.member].name) : Json()},
               {"text", event.text}});
}

namespace {

Json findings_json(const std::vector<analysis::Finding>& findings) {
  Json list = Json::array();
  for (const auto& finding : findings)
    list.push_back({{"name", finding.name},
                    {"title", finding.title},
                    {"measure", finding.measure},
                    {"expected", finding.expected.empty() ? Json() : Json(finding.expected)},
                    {"values", finding.values},
                    {"mean", finding.mean},
                    {"deviation", finding.deviation},
                    {"verdict", to_string(finding.verdict)},
                    {"note", finding.note.empty() ? Json() : Json(finding.note)},
                    {"source", finding.source}});
  return list;
}

} // namespace

std::string summary_json(const RunSummary& summary) {
  Json members = Json::array();
  for (const MemberSummary& member : summary.members) {
    Json plateau;
    if (member.plateau)
      plateau = {{"begin", member.plateau->begin},
                 {"end", member.plateau->end},
                 {"length", member.plateau->end - member.plateau->begin},
                 {"level", member.plateau->level},
                 {"lasting", member.plateau->lasting}};
    members.push_back({{"name", member.name},
                       {"seed", member.seed},
                       {"step", member.step},
                       {"twin", member.twin},
                       {"parameters", member.parameters},
                       {"train_loss", or_null(member.train_loss)},
                       {"validation_loss", or_null(member.validation_loss)},
                       {"accuracy", or_null(member.accuracy)},
                       {"plateau", std::move(plateau)},
                       {"eureka_step", or_null(member.eureka_step)},
                       {"memorised_step", or_null(member.memorised_step)},
                       {"generalised_step", or_null(member.generalised_step)}});
  }
  return line(
      {{"type", "summary"},
       {"status", summary.status},
       {"error", summary.error.empty() ? Json() : Json(summary.error)},
       {"study", summary.study},
       {"device", summary.device},
       {"recording", summary.recording},
       {"checkpoints",
        {{"steps", summary.kept.steps}, {"states", summary.kept.states}, {"bytes", summary.kept.bytes}}},
       {"step", summary.step},
       {"planned_steps", summary.planned_steps},
       {"seconds", summary.seconds},
       {"steps_per_second", summary.steps_per_second},
       {"members", std::move(members)},
       {"findings", findings_json(summary.findings)}});
}

} // namespace plateau::commands
