#include "offloader/identity/key_sets.h"

#include <algorithm>
#include <utility>

namespace offloader::identity {
namespace {

constexpr std::size_t kMostWaiting = 10'000;  // for one fetch
constexpr std::chrono::seconds kBusy{1};      // until a fetch for which there was no thread is tried again

KeySets::Options within_limits(KeySets::Options options) {
  const auto half = std::chrono::milliseconds(options.max_stale) / 2;
  options.interval =
      std::min(options.interval, std::max<std::chrono::milliseconds>(half, std::chrono::milliseconds(500)));
  options.retry = std::min(options.retry, options.interval);
  return options;
}

}  // namespace

KeySets::KeySets(Options options, const Clock& clock)
    : options_(within_limits(std::move(options))),
      clock_(clock),
      fetches_({.name = "key-sets",
                .threads = options_.threads,
                .most_waiting = 1000,
                .report = options_.escaped}),
      timer_("key-set-timer", clock, options_.escaped, [this] { return start_due(); }) {}

Result<void> KeySets::start() {
  return timer_.start();
}

void KeySets::stop() {
  std::vector<SlotPtr> slots;
  {
    const MutexLock lock(slots_mutex_);
    stopping_ = true;
    slots = slots_;
  }
  cancel_.cancel();
  timer_.stop();
  fetches_.stop();
  for (const SlotPtr& slot : slots) {
    std::vector<std::function<void()>> dropped;
    const MutexLock lock(slots_mutex_);
    dropped.swap(slot->waiting);
  }
}

std::shared_ptr<IssuerKeys> KeySets::keys_of(const catalog::Issuer& issuer) {
  if (issuer.keys) return std::make_shared<IssuerKeys>(issuer.keys);
  std::shared_ptr<IssuerKeys> made;
  {
    const MutexLock lock(slots_mutex_);
    for (const SlotPtr& slot : slots_) {
      auto keys = slot->keys.lock();
      if (keys && keys->id() == issuer.id && keys->url() == issuer.jwks) return keys;
    }
    made = std::make_shared<IssuerKeys>(issuer.id, issuer.jwks, weak_from_this());
    auto slot = std::make_shared<Slot>();
    slot->keys = made;
    slot->id = issuer.id;
    slot->due = clock_.steady_now();
    slots_.push_back(std::move(slot));
  }
  timer_.wake();
  return made;
}

std::vector<KeySets::Status> KeySets::status() const {
  std::vector<Status> out;
  const MutexLock lock(slots_mutex_);
  for (const SlotPtr& slot : slots_) {
    if (!slot->keys.expired()) out.push_back({slot->id, slot->ok});
  }
  return out;
}

IssuerKeys::Asked KeySets::ask(const IssuerKeys& keys, std::uint64_t seen, std::function<void()> done) {
  using Asked = IssuerKeys::Asked;
  {
    const MutexLock lock(slots_mutex_);
    const auto found = std::find_if(slots_.begin(), slots_.end(),
                                    [&](const SlotPtr& slot) { return slot->keys.lock().get() == &keys; });
    if (stopping_ || found == slots_.end()) return Asked::refused;
    Slot& slot = **found;
    const SteadyTime now = clock_.steady_now();
    if (!slot.fetching && slot.due > now) {
      // A fetch that has just ended may have brought the key.
      if (keys.number_.load(std::memory_order_acquire) != seen) return Asked::changed;
      if (slot.asked && now - *slot.asked < options_.between_asks) return Asked::refused;
      slot.asked = now;
      slot.due = now;
    }
    if (slot.waiting.size() >= kMostWaiting) return Asked::refused;
    slot.waiting.push_back(std::move(done));
  }
  timer_.wake();
  return Asked::waiting;
}

std::optional<SteadyTime> KeySets::start_due() {
  std::vector<SlotPtr> due;
  std::optional<SteadyTime> next;
  const auto sooner = [&](SteadyTime time) { next = next ? std::min(*next, time) : time; };
  {
    const MutexLock lock(slots_mutex_);
    const SteadyTime now = clock_.steady_now();
    std::erase_if(slots_, [](const SlotPtr& slot) { return !slot->fetching && slot->keys.expired(); });
    for (const SlotPtr& slot : slots_) {
      if (slot->fetching) continue;
      if (slot->due > now) {
        sooner(slot->due);
      } else {
        slot->fetching = true;
        due.push_back(slot);
      }
    }
  }
  for (const SlotPtr& slot : due) {
    if (fetches_.submit([this, slot] { fetch(slot); })) continue;
    const MutexLock lock(slots_mutex_);
    slot->fetching = false;
    slot->due = clock_.steady_now() + kBusy;
    sooner(slot->due);
  }
  return next;
}

void KeySets::fetch(const SlotPtr& slot) {
  const auto keys = slot->keys.lock();
  Report report{slot->id, {}, false, nullptr};
  std::shared_ptr<const jwt::KeySet> changed;
  bool ok = false;
  // Whatever happens, those who wait must be released.
  run_guarded(options_.escaped, [&] {
    if (!keys) return;
    const SteadyTime begun = clock_.steady_now();
    const auto fetched = fetch_keys(*slot, keys->url());
    ok = fetched.has_value();
    if (ok) {
      changed = *fetched;
      keys->accept(changed, begun + options_.max_stale);
    } else {
      report.error = fetched.error();
    }
  });
  if (!ok && !report.error) report.error = Error{ErrorCode::internal, "the key set cannot be fetched", {}};
  report.first = !slot->ok || *slot->ok != ok;
  report.changed = changed.get();
  const auto waiting = end(*slot, ok);
  if (keys && options_.report && !cancel_.cancelled())
    run_guarded(options_.escaped, [&] { options_.report(report); });
  for (const auto& done : waiting) run_guarded(options_.escaped, done);
}

// Returns null if the key set is the one before.
Result<std::shared_ptr<const jwt::KeySet>> KeySets::fetch_keys(Slot& slot, const std::string& url) {
  auto fetched = options_.fetch(url, slot.etag, cancel_);
  if (!fetched) return fail(fetched.error());
  if (!fetched->text && slot.etag.empty())
    return fail(ErrorCode::unavailable,
                "the issuer answered that the key set has not changed, but it is unknown");
  if (!fetched->text) return nullptr;
  const Sha256 hash = sha256(*fetched->text);
  auto keys = jwt::KeySet::parse(*fetched->text);
  if (!keys) return fail(keys.error());
  slot.etag = std::move(fetched->etag);
  if (std::exchange(slot.hash, hash) == hash) return nullptr;
  return std::make_shared<const jwt::KeySet>(std::move(*keys));
}

std::vector<std::function<void()>> KeySets::end(Slot& slot, bool ok) {
  std::vector<std::function<void()>> waiting;
  {
    const MutexLock lock(slots_mutex_);
    slot.fetching = false;
    slot.ok = ok;
    slot.due = clock_.steady_now() + (ok ? options_.interval : options_.retry);
    waiting.swap(slot.waiting);
  }
  timer_.wake();
  return waiting;
}

}  // namespace offloader::identity
