#include "dataset_actor.h"

#include <iterator>
#include <utility>

namespace offloader::refresh {
namespace {

// Retry delay after an exception that could not even be reported, for example for lack of memory.
constexpr std::chrono::seconds kAfterAbandoned{30};

RefreshReport failure_of(const std::string& dataset, std::string error) {
  return {.dataset = dataset,
          .status = Outcome::failed,
          .snapshot_id = {},
          .error = std::move(error),
          .findings = {},
          .duration_ms = 0};
}

}  // namespace

DatasetActor::DatasetActor(const RefreshContext& context, ContractPtr contract, bool announced)
    : context_(context),
      id_(contract->dataset->id),
      contract_(std::move(contract)),
      announced_(announced),
      gauges_(std::make_unique<DatasetGauges>(context.metrics, id_)) {
  state_.next_attempt = context.clock.steady_now();
}

DatasetActor::Turn::Turn(std::shared_ptr<DatasetActor> actor) : actor_(std::move(actor)) {
  DatasetActor& own = *actor_;
  const MutexLock lock(own.state_mutex_);
  while (own.changing_) own.turn_ended_.wait(own.state_mutex_);
  own.changing_ = true;
}

DatasetActor::Turn::~Turn() {
  if (!actor_) return;
  DatasetActor& own = *actor_;
  {
    const MutexLock lock(own.state_mutex_);
    own.changing_ = false;
  }
  own.turn_ended_.notify_one();
}

std::optional<SteadyTime> DatasetActor::look() noexcept {
  AttemptPtr begun;
  bool swap = false;
  std::optional<SteadyTime> until;
  try {
    const SteadyTime now = context_.clock.steady_now();
    {
      const MutexLock lock(state_mutex_);
      if (stopping_ || removed_ || swapping_) return std::nullopt;
      warn_of_unwanted();
      const Action action = decide(contract_->policy, state_, nullptr, now);
      if (action.kind == Action::Kind::swap_to_previous) {
        if (swap_again_at_ && *swap_again_at_ > now) return swap_again_at_;
        swapping_ = swap = true;
      }
      if (action.kind == Action::Kind::resolve) begun = begin_attempt();
      if (action.kind == Action::Kind::wait) until = action.until;
    }
    if (begun) {
      context_.asking.submit(
          {.origin = begun->contract->source->origin(),
           .suspected = source_slow_,
           .ask = [self = shared_from_this(), begun] { self->guarded(&DatasetActor::ask, begun); }});
    }
    // The swap writes to the disk, and must not delay the timers of other datasets.
    if (swap) {
      context_.asking.submit({.origin = {}, .suspected = disk_slow_, .ask = [self = shared_from_this()] {
                                self->swap_unwanted();
                              }});
    }
    return until;
  } catch (...) {
    const MutexLock lock(state_mutex_);
    swapping_ = false;
    abandon();
    return state_.next_attempt;
  }
}

AttemptPtr DatasetActor::begin_attempt() {
  auto attempt = std::make_shared<Attempt>();
  attempt->contract = contract_;
  attempt->begun = context_.clock.steady_now();
  served_.insert(served_.end(), std::make_move_iterator(waiting_.begin()),
                 std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  attempt->asked_by = std::exchange(asked_by_, std::string());
  on_resolve_begun(state_);
  attempt_ = attempt;
  return attempt;
}

bool DatasetActor::refresh(std::function<void(RefreshReport)> done, const std::string& asked_by) {
  const MutexLock lock(state_mutex_);
  if (removed_ || stopping_) return false;
  if (done) waiting_.push_back(std::move(done));
  asked_by_ = asked_by;
  state_.forced_waiting = true;
  context_.log.info("A refresh was requested.", {{"dataset", id_}, {"request_id", asked_by}});
  return true;
}

void DatasetActor::adopt(const ContractPtr& contract, const Turn&) noexcept {
  const MutexLock lock(state_mutex_);
  const ContractPtr old = std::exchange(contract_, contract);
  const bool incomplete = active_ && !active_->completes(*contract);
  const bool again = wants_another_attempt(*contract, *old) || (incomplete && !state_.incomplete);
  state_.incomplete = incomplete;
  if (again) on_contract_changed(state_, context_.clock.steady_now());
  swap_again_at_.reset();
  index_follows_ = false;
}

void DatasetActor::depart(const Turn&) noexcept {
  const MutexLock lock(state_mutex_);
  removed_ = true;
}

void DatasetActor::follow_contract() {
  std::shared_ptr<CancelFlag> cancelled;
  {
    const MutexLock lock(state_mutex_);
    if (attempt_ && superseded(*attempt_)) cancelled = attempt_->cancel;
  }
  if (cancelled) cancelled->cancel();
  follow_up();
}

void DatasetActor::remove() {
  std::shared_ptr<CancelFlag> cancelled;
  {
    const Turn turn(shared_from_this());
    HeldPtr active;
    HeldPtr previous;
    {
      const MutexLock lock(state_mutex_);
      if (attempt_) cancelled = attempt_->cancel;
      active.swap(active_);
      previous.swap(previous_);
      gauges_.reset();
      for (Waiting* waiting : {&served_, &waiting_})
        owe(*waiting, failure_of(id_, "the dataset was removed"));
    }
    if (cancelled) cancelled->cancel();
    for (const HeldPtr& held : {active, previous}) {
      if (held) discard(context_, id_, *held);
    }
    context_.metrics.remove("dataset", id_);
    remove_kept(context_, id_);
  }
  follow_up();
}

void DatasetActor::stop() {
  std::shared_ptr<CancelFlag> cancelled;
  {
    const MutexLock lock(state_mutex_);
    stopping_ = true;
    if (attempt_) cancelled = attempt_->cancel;
  }
  if (cancelled) cancelled->cancel();
}

void DatasetActor::give_up() {
  {
    const MutexLock lock(state_mutex_);
    for (Waiting* waiting : {&served_, &waiting_})
      owe(*waiting, failure_of(id_, "the server is shutting down"));
  }
  follow_up();
}

void DatasetActor::guarded(Step step, const AttemptPtr& attempt) noexcept {
  try {
    (this->*step)(attempt);
  } catch (...) {
    try {
      const Error error = error_in_flight();
      context_.log.error("A refresh failed with an exception.", {{"dataset", id_}, {"detail", error.detail}});
      // Does nothing if the attempt has already ended.
      end(attempt, {.outcome = Outcome::failed, .error = error.message, .findings = {}});
    } catch (...) {
      // Even reporting the error failed, probably for lack of memory.
      const MutexLock lock(state_mutex_);
      if (attempt_ == attempt) abandon();
    }
  }
  follow_up();
}

void DatasetActor::abandon() noexcept {
  attempt_ = nullptr;
  context_.suspects.leave(id_);
  state_.phase = Phase::idle;
  state_.forced_waiting = state_.forced_waiting || state_.forced || !served_.empty();
  state_.forced = false;
  state_.next_attempt = context_.clock.steady_now() + kAfterAbandoned;
}

void DatasetActor::owe(std::vector<std::function<void(RefreshReport)>>& to, const RefreshReport& report) {
  for (auto& done : to) owed_.push_back([done = std::move(done), report] { done(report); });
  to.clear();
}

void DatasetActor::follow_up() noexcept {
  std::vector<std::function<void()>> owed;
  bool index = false;
  {
    const MutexLock lock(state_mutex_);
    owed.swap(owed_);
    index = !std::exchange(index_follows_, true);
  }
  const EscapeReport report = [this](std::string_view what) {
    context_.log.error("Reporting a refresh failed.", {{"detail", what}});
  };
  if (index) run_guarded(report, [&] { ask_for_index(); });
  // A report that throws must not prevent the others.
  for (const auto& give : owed) run_guarded(report, give);
  run_guarded(report, context_.wake_loop);
}

}  // namespace offloader::refresh
