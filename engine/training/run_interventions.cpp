// What a person or a script changes in mid-run (DESIGN 2: intervention).
#include <algorithm>

#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/training/run.h"

namespace plateau::training {
using recording::Keep;

void Run::intervene(study::Intervention intervention) {
  const auto group = running();
  const bool lockstep = std::all_of(group.begin(), group.end(), [&](const Member* member) {
    return member->view().step == group.front()->view().step;
  });
  if (intervention.kind == study::Intervention::Kind::Set && intervention.member.empty() && !lockstep) {
    // Each where it stands, so that replaying meets the same steps.
    for (const Member* member : group) {
      intervention.member = member->view().name;
      carry_out(intervention);
    }
    return;
  }
  carry_out(std::move(intervention));
}

std::int64_t Run::step_of(const study::Intervention& intervention) const {
  std::int64_t furthest = 0;
  bool any = false;
  for (const auto& member : members_) {
    const bool meant =
        intervention.member.empty() ? member->running() : member->view().name == intervention.member;
    if (meant) furthest = std::max(furthest, member->view().step);
    any = any || meant;
  }
  return any ? furthest : step();
}

bool Run::is_due(const study::Intervention& intervention) const {
  // For everybody: when the last one has arrived. In the order of the list, so that one that acts on a fork
  // waits for the fork. One who is halted is not waited for.
  for (const auto& member : members_) {
    const bool meant = intervention.member.empty() || member->view().name == intervention.member;
    const auto at = member->view().step;
    if (meant && member->running() && (at < intervention.step || at >= planned_steps())) return false;
  }
  return step() >= intervention.step;
}

void Run::carry_out_scripted() {
  while (!scripted_.empty() && is_due(scripted_.front())) {
    auto intervention = scripted_.front();
    scripted_.erase(scripted_.begin());
    try {
      carry_out(std::move(intervention));
    } catch (const InputError& error) {
      add_event(
          {Event::Kind::Note, step(), -1, std::string("scripted intervention not done: ") + error.what()});
    }
  }
}

void Run::carry_out(study::Intervention intervention) {
  using Kind = study::Intervention::Kind;
  intervention.step = step_of(intervention);
  const auto count = members_.size();
  std::string effect;
  switch (intervention.kind) {
  case Kind::Set:
    effect = set(intervention);
    break;
  case Kind::Branch:
    effect = branch(intervention);
    break;
  case Kind::Rewind:
    rewind(intervention);
    break;
  case Kind::Halt:
    halt(intervention, false);
    break;
  case Kind::Continue:
    halt(intervention, true);
    break;
  }
  interventions_.push_back(intervention);
  if (writer_) writer_->add_intervention(intervention);
  const Member* subject = intervention.member.empty() ? nullptr : &member_named(intervention.member);
  add_event({Event::Kind::Intervention, intervention.step, subject ? subject->view().id : -1,
             describe(intervention) + (effect.empty() ? "" : "; " + effect)});
  // A checkpoint at step s includes every intervention at s: resuming relies on it.
  const bool forked = members_.size() > count;
  if (forked || checkpoints_.contains(intervention.step))
    checkpoint(running(), forked ? Keep::Pinned : Keep::Loose);
}

Member& Run::member_named(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& member : members_) {
    if (member->view().name == name) return *member;
    names.push_back(member->view().name);
  }
  throw InputError("there is no member '" + name + "'" + study::did_you_mean(name, names));
}

std::vector<Member*> Run::targets(const study::Intervention& intervention) {
  if (!intervention.member.empty()) return {&member_named(intervention.member)};
  return running();
}

std::string Run::unused_name(const std::string& wanted) const {
  const auto taken = [this](const std::string& name) {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const auto& member) { return member->view().name == name; });
  };
  if (!taken(wanted)) return wanted;
  for (int i = 2;; ++i)
    if (const auto name = wanted + " " + std::to_string(i); !taken(name)) return name;
}

Member& Run::add_member(std::unique_ptr<Member> member) {
  members_.push_back(std::move(member));
  if (writer_) writer_->add_member(members_.back()->record());
  return *members_.back();
}

std::string Run::set(study::Intervention& intervention) {
  bool whole_study = false;
  for (const auto& change : intervention.changes) {
    const auto& field = study::field(change.field);
    if (!field.live) throw InputError(change.field + " cannot change during a run; set it and restart");
    whole_study = whole_study || !field.per_member;
  }
  if (whole_study) intervention.member.clear();
  const auto subjects = targets(intervention);

  // Check everything before anything changes.
  auto shared = study_->settings;
  for (const auto& change : intervention.changes)
    if (!study::field(change.field).per_member) study::set(shared, change);
  for (Member* member : subjects) {
    auto settings = member->learner().settings;
    for (const auto& change : intervention.changes) study::set(settings, change);
    study::validate(settings); // all of them together
  }
  if (shared.training.steps < step())
    throw InputError("training.steps = " + std::to_string(shared.training.steps) +
                     ": the run is already at step " + std::to_string(step()));

  if (intervention.keep_twin) {
    for (const Member* member : subjects) {
      auto& subject = *members_[member->view().id];
      MemberView identity;
      identity.id = int(members_.size());
      identity.name = unused_name(intervention.new_name.empty() ? subject.view().name + " · twin"
                                                                : intervention.new_name);
      identity.is_twin = true;
      auto learner = make_learner(subject.learner().settings, subject.view().seed);
      learner->load(subject.learner().state());
      if (subjects.size() == 1) intervention.new_name = identity.name;
      add_member(subject.fork(std::move(identity), subject.view().step, std::move(learner)));
    }
  }
  const bool planned_changes = shared.training.steps != study_->settings.training.steps;
  if (whole_study) change_shared(shared);
  std::string effects;
  for (const auto& member : members_) {
    const bool meant = std::find(subjects.begin(), subjects.end(), member.get()) != subjects.end();
    std::vector<study::Assignment> changes;
    for (const auto& change : intervention.changes)
      if (meant || !study::field(change.field).per_member) changes.push_back(change);
    const auto effect = member->apply(changes, planned_steps());
    if (effect.empty()) continue;
    const auto name = subjects.size() > 1 ? member->view().name + ": " : "";
    effects += (effects.empty() ? "" : ", ") + name + effect;
  }
  cohorts_.clear(); // their members' parameters may have moved
  if (planned_changes && writer_) writer_->set_planned_steps(planned_steps());
  return effects;
}

Member& Run::fork_from_checkpoint(const Member& parent, std::int64_t step, const std::string& name,
                                  const std::vector<study::Assignment>& changes, std::string& effect) {
  if (!writer_) throw InputError("nothing is recorded, so there is no checkpoint to go back to");
  writer_->flush();
  const auto stored = recording::Reader(path_).checkpoint(parent.view().id, step);
  if (!stored)
    throw InputError("'" + parent.view().name + "' has no checkpoint at step " + std::to_string(step));
  auto settings = stored->settings;
  // What belongs to the whole study does not go back in time.
  for (const auto& field : study::fields())
    if (!field.per_member) field.put(settings, field.get(study_->settings));
  auto changed = settings;
  for (const auto& change : changes) {
    if (!study::field(change.field).live)
      throw InputError(change.field + " cannot change in a branch; set it and restart");
    if (!study::field(change.field).per_member)
      throw InputError(change.field + " is one for all members; change it without a branch");
    study::set(changed, change);
  }
  study::validate(changed);
  auto learner = make_learner(settings, parent.view().seed);
  learner->load(unpack(stored->state));
  MemberView identity;
  identity.id = int(members_.size());
  identity.name = unused_name(name);
  auto member = parent.fork(std::move(identity), step, std::move(learner));
  effect = member->apply(changes, planned_steps());
  auto& fork = add_member(std::move(member));
  checkpoint({&fork}, Keep::Pinned);
  return fork;
}

std::string Run::branch(study::Intervention& intervention) {
  const Member& parent = member_named(intervention.member);
  const auto name = intervention.new_name.empty()
                        ? parent.view().name + " · from " + std::to_string(intervention.from_step)
                        : intervention.new_name;
  std::string effect;
  intervention.new_name =
      fork_from_checkpoint(parent, intervention.from_step, name, intervention.changes, effect).view().name;
  return effect;
}

void Run::rewind(study::Intervention& intervention) {
  const auto step = intervention.from_step;
  auto subjects = targets(intervention);
  std::erase_if(subjects, [&](const Member* member) { return member->view().forked_at > step; });
  if (subjects.empty()) throw InputError("no member is running that existed at step " + std::to_string(step));
  std::vector<const Member*> forks;
  std::string nothing_changes;
  for (Member* member : subjects)
    forks.push_back(&fork_from_checkpoint(
        *member, step, member->view().name + " · again from " + std::to_string(step), {}, nothing_changes));
  // Their old futures stay to be seen, but train no further.
  for (const auto& member : members_) {
    const bool is_fork = std::find(forks.begin(), forks.end(), member.get()) != forks.end();
    if (is_fork || !member->running()) continue;
    if (!intervention.member.empty() && member->view().name != intervention.member) continue;
    member->set_running(false);
    checkpoint({member.get()}, Keep::Pinned);
  }
}

void Run::halt(study::Intervention& intervention, bool running) {
  for (Member* member : targets(intervention)) {
    member->set_running(running);
    checkpoint({member}, Keep::Pinned);
  }
}

} // namespace plateau::training
