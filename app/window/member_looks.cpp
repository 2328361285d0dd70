#include "app/window/member_looks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/figures/looks.h"
#include "app/window/text.h"

namespace plateau::window {
namespace {

void draw_exactly(const View& view, const std::set<int>& hidden, std::string what) {
  const training::Snapshot& recorded = view.recorded ? *view.recorded : view.snapshot;
  view.ask(Annotate{figures::with_hidden(recorded, view.annotations, hidden), std::move(what)});
}

} // namespace

recording::MemberLook look_of(const View& view, int member) {
  const auto found = view.annotations.looks.find(member);
  return found == view.annotations.looks.end() ? recording::MemberLook{} : found->second;
}

bool is_pinned(const View& view, int member) {
  return look_of(view, member).pinned;
}

void change_look(const View& view, int member, const recording::MemberLook& look, std::string what) {
  recording::Annotations next = view.annotations;
  if (look == recording::MemberLook{})
    next.looks.erase(member);
  else
    next.looks[member] = look;
  view.ask(Annotate{std::move(next), std::move(what)});
}

void toggle_shown(const View& view, const training::MemberView& member) {
  auto hidden = view.hidden;
  const bool shows = hidden.erase(member.id) > 0;
  if (!shows) hidden.insert(member.id);
  draw_exactly(view, hidden, (shows ? "show " : "hide ") + member.name);
}

void show_only(const View& view, const training::MemberView& member) {
  auto hidden = view.hidden;
  for (const auto& other : view.snapshot.members)
    if (!is_pinned(view, other.id)) hidden.insert(other.id);
  hidden.erase(member.id);
  draw_exactly(view, hidden, "show only " + member.name);
}

void show(const View& view, const std::set<int>& members) {
  auto hidden = view.hidden;
  for (const int id : members) hidden.erase(id);
  draw_exactly(view, hidden, "show members");
}

void hide(const View& view, const std::set<int>& members) {
  auto hidden = view.hidden;
  for (const int id : members)
    if (!is_pinned(view, id)) hidden.insert(id);
  draw_exactly(view, hidden, "hide members");
}

bool rename(const View& view, const training::MemberView& member, const std::string& name) {
  const training::Snapshot& recorded = view.recorded ? *view.recorded : view.snapshot;
  const auto as_recorded = std::ranges::find(recorded.members, member.id, &training::MemberView::id);
  const std::string first_name = as_recorded == recorded.members.end() ? "" : as_recorded->name;
  std::string wanted = trimmed(name);
  if (wanted == first_name) wanted.clear();
  // Also those that were removed may come back.
  const std::string shown = wanted.empty() ? first_name : wanted;
  const auto has_it = [&](const training::MemberView& other) {
    const auto& given = look_of(view, other.id).name;
    return other.id != member.id && (given.empty() ? other.name : given) == shown;
  };
  if (std::ranges::any_of(recorded.members, has_it)) return false;
  auto look = look_of(view, member.id);
  if (look.name == wanted) return true;
  look.name = wanted;
  change_look(view, member.id, look, "rename " + member.name);
  return true;
}

void pin(const View& view, const training::MemberView& member, bool pinned) {
  auto look = look_of(view, member.id);
  look.pinned = pinned;
  change_look(view, member.id, look, (pinned ? "pin " : "unpin ") + member.name);
}

void remove(const View& view, const training::MemberView& member) {
  if (view.snapshot.members.size() < 2) return;
  auto look = look_of(view, member.id);
  look.removed = true;
  change_look(view, member.id, look, fmt::format("remove {} from the view", member.name));
}

std::size_t count_removed(const View& view) {
  return view.recorded ? view.recorded->members.size() - view.snapshot.members.size() : 0;
}

void bring_back_removed(const View& view) {
  recording::Annotations next = view.annotations;
  for (auto& [id, look] : next.looks) look.removed = false;
  std::erase_if(next.looks, [](const auto& entry) { return entry.second == recording::MemberLook{}; });
  view.ask(Annotate{std::move(next), "bring removed members back"});
}

} // namespace plateau::window
