#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/base/timer_loop.h"
#include "offloader/base/worker.h"
#include "offloader/catalog/issuer.h"

namespace offloader::identity {

class KeySets;

// The current key set of one issuer. Shared by the catalogs that name the same issuer with the same URL, so
// known keys survive a reload. Any thread.
class IssuerKeys {
 public:
  // Of a key set in the project, which never goes stale.
  explicit IssuerKeys(std::shared_ptr<const jwt::KeySet> keys);
  // Of a key set that `owner` fetches.
  IssuerKeys(std::string id, std::string url, std::weak_ptr<KeySets> owner);

  // A key set and its number, which grows with every change.
  struct Current {
    std::shared_ptr<const jwt::KeySet> keys;  // null: never fetched, or stale
    std::uint64_t number = 0;
  };
  [[nodiscard]] Current current(SteadyTime now) const;
  // Returns whether that key set is still the current one and not stale. Takes no lock.
  [[nodiscard]] bool is_current(std::uint64_t number, SteadyTime now) const {
    return number == number_.load(std::memory_order_acquire) &&
           now.time_since_epoch() < usable_until_.load(std::memory_order_acquire);
  }

  enum class Asked {
    waiting,  // `done` will be called
    changed,  // the key set is not the one that was seen any more
    refused,
  };
  // Has the key set fetched, and calls `done` on another thread when that has ended, however it did. `seen`
  // is the number of the key set that did not suffice. Joins a fetch that is under way. Otherwise starts one
  // at most once a minute, unless the key set has changed. Refused if it may not start one now, too many
  // wait, or the process is shutting down.
  [[nodiscard]] Asked fetch(std::uint64_t seen, std::function<void()> done);

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  friend class KeySets;
  using Duration = SteadyTime::duration;

  // Takes a fetched key set (null: the one before is confirmed), usable until then.
  void accept(std::shared_ptr<const jwt::KeySet> keys, SteadyTime usable_until);

  const std::string id_;
  const std::string url_;
  const std::weak_ptr<KeySets> owner_;
  std::atomic<std::uint64_t> number_{0};
  std::atomic<Duration> usable_until_{Duration::min()};
  mutable Mutex keys_mutex_;
  std::shared_ptr<const jwt::KeySet> keys_ OFFLOADER_GUARDED_BY(keys_mutex_);
};

// A key set as it was fetched.
struct FetchedKeySet {
  std::optional<std::string> text;  // nullopt: not modified
  std::string etag;                 // empty: none
};

// Fetches the key sets of issuers: at once when a catalog first names one, then every ten minutes, and when a
// token has an unknown key. One fetch that fails changes nothing about known keys until they are too old. A
// fetch waits for no other: there are a few threads for them, and one for the timer. Owned by the server and
// its generations. Any thread.
class KeySets : public std::enable_shared_from_this<KeySets> {
 public:
  // Fetches a URL. Blocks, for a bounded time. `etag` is that of the key set known so far.
  using Fetch = std::function<Result<FetchedKeySet>(const std::string& url, const std::string& etag,
                                                    const CancelFlag& cancel)>;
  // The outcome of a fetch, for log lines.
  struct Report {
    std::string issuer;
    std::optional<Error> error;            // nullopt: it succeeded
    bool first = false;                    // the first failure, or the first success after one or at all
    const jwt::KeySet* changed = nullptr;  // the new key set
  };
  struct Options {
    Fetch fetch;
    std::chrono::seconds max_stale{86400};        // age at which a key set that cannot be fetched is unusable
    std::chrono::milliseconds interval{600'000};  // lowered to half of max_stale
    std::chrono::milliseconds retry{30'000};      // after a failure
    std::chrono::milliseconds between_asks{60'000};  // for unknown keys, for each issuer
    std::size_t threads = 4;
    std::function<void(const Report&)> report{};  // may be empty; called on the threads of the fetches
    EscapeReport escaped{};
  };

  KeySets(Options options, const Clock& clock);
  ~KeySets() { stop(); }

  // Starts to fetch. Fails with `busy` when the system cannot start a thread.
  [[nodiscard]] Result<void> start();
  // Cancels fetches, drops what waits for them, and joins. Idempotent.
  void stop();

  // Returns the keys of an issuer: the same object for the same id and URL as long as somebody holds it.
  [[nodiscard]] std::shared_ptr<IssuerKeys> keys_of(const catalog::Issuer& issuer);

  struct Status {
    std::string issuer;
    std::optional<bool> ok;  // whether the last fetch succeeded; nullopt: none has ended
  };
  // Returns those that are fetched, in no order.
  [[nodiscard]] std::vector<Status> status() const;

 private:
  friend class IssuerKeys;

  struct Slot {
    std::weak_ptr<IssuerKeys> keys;
    std::string id;
    std::string etag;
    Sha256 hash{};  // of the text of the key set
    SteadyTime due{};
    std::optional<SteadyTime> asked{};
    bool fetching = false;
    std::optional<bool> ok{};
    std::vector<std::function<void()>> waiting{};
  };
  using SlotPtr = std::shared_ptr<Slot>;

  [[nodiscard]] IssuerKeys::Asked ask(const IssuerKeys& keys, std::uint64_t seen, std::function<void()> done);
  // Starts what is due, and returns when to look again.
  std::optional<SteadyTime> start_due();
  void fetch(const SlotPtr& slot);
  // Returns what waited for the fetch.
  [[nodiscard]] std::vector<std::function<void()>> end(Slot& slot, bool ok);
  [[nodiscard]] Result<std::shared_ptr<const jwt::KeySet>> fetch_keys(Slot& slot, const std::string& url);

  const Options options_;
  const Clock& clock_;
  CancelFlag cancel_;
  mutable Mutex slots_mutex_;
  bool stopping_ OFFLOADER_GUARDED_BY(slots_mutex_) = false;
  std::vector<SlotPtr> slots_ OFFLOADER_GUARDED_BY(slots_mutex_);
  Worker fetches_;
  TimerLoop timer_;
};

}  // namespace offloader::identity
