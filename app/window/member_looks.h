// What the person does to members in the view: each is one change of the annotations, with its words for
// undo.
#pragma once

#include <set>
#include <string>

#include "app/window/view.h"

namespace plateau::window {

recording::MemberLook look_of(const View& view, int member);
bool is_pinned(const View& view, int member);
void change_look(const View& view, int member, const recording::MemberLook& look, std::string what);

void toggle_shown(const View& view, const training::MemberView& member);
/// Hides all others but the pinned ones.
void show_only(const View& view, const training::MemberView& member);
void show(const View& view, const std::set<int>& members);
/// Those that are pinned stay.
void hide(const View& view, const std::set<int>& members);

/// Empty: as recorded. Says no (and changes nothing) where another member has that name.
bool rename(const View& view, const training::MemberView& member, const std::string& name);
void pin(const View& view, const training::MemberView& member, bool pinned);
/// From the view: the data stay in the file. Not the last one.
void remove(const View& view, const training::MemberView& member);
std::size_t count_removed(const View& view);
void bring_back_removed(const View& view);

} // namespace plateau::window
