#include "build_slots.h"

#include <algorithm>
#include <utility>

namespace offloader::refresh {
namespace {

// How often a build that waits for a slot checks the progress of the others, and its own cancellation.
constexpr std::chrono::milliseconds kLookAtOthers{20};

}  // namespace

BuildSlots::Turn::Turn(BuildSlots& slots, std::shared_ptr<CancelFlag> cancel)
    : slots_(slots), cancel_(std::move(cancel)) {
  const MutexLock lock(slots_.turns_mutex_);
  place_ = slots_.turns_.insert(slots_.turns_.end(), this);
}

void BuildSlots::Turn::leave() {
  if (left_) return;
  {
    const MutexLock lock(slots_.turns_mutex_);
    left_ = true;
    slots_.turns_.erase(place_);
  }
  slots_.changed_.notify_all();
}

bool BuildSlots::Turn::take() {
  const MutexLock lock(slots_.turns_mutex_);
  return slots_.acquire(*this);
}

bool BuildSlots::Turn::evicted() const {
  const MutexLock lock(slots_.turns_mutex_);
  return evicted_;
}

void BuildSlots::Turn::begin() {
  const MutexLock lock(slots_.turns_mutex_);
  if (waits_++ == 0) quiet_since_ = std::chrono::steady_clock::now();
}

void BuildSlots::Turn::end() {
  const MutexLock lock(slots_.turns_mutex_);
  --waits_;
  quiet_since_ = std::chrono::steady_clock::now();
  if (state_ == State::suspended) static_cast<void>(slots_.acquire(*this));
}

void BuildSlots::Turn::came() {
  const MutexLock lock(slots_.turns_mutex_);
  came_at_ = std::chrono::steady_clock::now();
}

std::shared_ptr<BuildSlots::Turn> BuildSlots::enter(std::shared_ptr<CancelFlag> cancel) {
  return std::make_shared<Turn>(*this, std::move(cancel));
}

void BuildSlots::stop() {
  {
    const MutexLock lock(turns_mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

bool BuildSlots::acquire(Turn& turn) {
  ++turn.wanted_by_;
  while (turn.state_ != Turn::State::holding && !stopping_ && !turn.cancel_->cancelled()) {
    if (is_first(turn)) {
      if (count(Turn::State::holding) < limits_.slots) {
        turn.state_ = Turn::State::holding;
        changed_.notify_all();  // other threads of the same build
        break;
      }
      if (const auto evicted = make_room()) {
        const MutexUnlock unlocked(turns_mutex_);
        evicted->cancel();
      }
      if (count(Turn::State::holding) < limits_.slots) continue;
    }
    changed_.wait_for(turns_mutex_, kLookAtOthers);
  }
  --turn.wanted_by_;
  return turn.state_ == Turn::State::holding;
}

std::shared_ptr<CancelFlag> BuildSlots::make_room() {
  const auto now = std::chrono::steady_clock::now();
  for (Turn* const turn : turns_) {
    if (turn->state_ != Turn::State::holding || turn->waits_ == 0 || turn->evicted_) continue;
    const auto quiet = now - turn->quiet_since_;
    if (quiet >= limits_.patience && count(Turn::State::suspended) < limits_.suspended) {
      turn->state_ = Turn::State::suspended;
      return nullptr;
    }
    // Bytes that arrive slowly only get a build suspended; a build is cancelled only if none arrive at all.
    if (now - std::max(turn->quiet_since_, turn->came_at_) >= limits_.longest) {
      turn->evicted_ = true;
      return turn->cancel_;
    }
  }
  return nullptr;
}

bool BuildSlots::is_first(const Turn& turn) const {
  const auto first = std::find_if(turns_.begin(), turns_.end(), [](const Turn* other) {
    return other->wanted_by_ > 0 && other->state_ != Turn::State::holding;
  });
  return first != turns_.end() && *first == &turn;
}

std::size_t BuildSlots::count(Turn::State state) const {
  return static_cast<std::size_t>(
      std::count_if(turns_.begin(), turns_.end(), [&](const Turn* turn) { return turn->state_ == state; }));
}

}  // namespace offloader::refresh
