#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/credentials/credentials.h"
#include "offloader/credentials/fetch_turn.h"

namespace offloader::credentials {

// The credentials of one store, fetched from a chain of providers and kept until shortly before they expire:
// five minutes, or a third of their lifetime if that is shorter. Any thread. One thread fetches at a time;
// the others use credentials that are still valid and wait only if there are none. The first provider that
// returns credentials is the only one asked from then on.
template <typename Credentials>
class CredentialsCache {
 public:
  struct Rules {
    // If true, anonymous access is not a fallback: without credentials, get() fails with `unauthorized`.
    bool required = false;
    // Called with the provider's name whenever the source of the credentials changes; "anonymous" if there
    // are none. Called while fetching, so it must not call the cache.
    std::function<void(const std::string&)> on_source;
  };

  CredentialsCache(std::vector<std::unique_ptr<CredentialsProvider<Credentials>>> providers,
                   const Clock& clock, Rules rules = {})
      : providers_(std::move(providers)), clock_(clock), rules_(std::move(rules)) {}

  // Returns nullopt if no provider is set up, which means anonymous access. Errors: those of the provider;
  // unavailable if the provider used so far no longer has credentials; unauthorized if they are required;
  // timeout or cancelled if the limits end while another thread fetches. May block until the limits end.
  [[nodiscard]] Result<std::optional<Credentials>> get(const FetchLimits& limits) {
    if (const auto kept = usable(false)) return *kept;
    if (!turn_.try_take()) {
      if (const auto kept = usable(true)) return *kept;
      if (!turn_.take(limits)) return wait_error(limits);
    }
    const HeldTurn fetching(turn_);
    if (const auto kept = usable(false)) return *kept;  // another thread has fetched them meanwhile
    auto loaded = load(limits);
    if (!loaded) {
      // If the renewal fails, use the old credentials until they expire.
      if (const auto kept = usable(true)) return *kept;
      return fail(loaded.error());
    }
    keep(*loaded);
    return loaded;
  }

  // Called after the store rejected `used`. Returns true if there are different credentials now, and
  // false also if the limits end while another thread fetches. Blocks as get().
  [[nodiscard]] bool renew(const std::optional<Credentials>& used, const FetchLimits& limits) {
    if (!turn_.take(limits)) return false;
    const HeldTurn fetching(turn_);
    {
      const MutexLock lock(kept_mutex_);
      if (kept_ && differ(*kept_, used)) return true;
    }
    auto loaded = load(limits);
    if (!loaded || !differ(*loaded, used)) return false;
    keep(*loaded);
    return true;
  }

  // The provider of the current credentials: "anonymous" if there are none, empty before the first get().
  [[nodiscard]] std::string source() const {
    const MutexLock lock(kept_mutex_);
    return source_;
  }

 private:
  using Found = std::optional<Credentials>;

  static bool differ(const Found& a, const Found& b) {
    if (a.has_value() != b.has_value()) return true;
    return a && !a->same_as(*b);
  }

  // With `to_the_end`, also returns credentials that are due for renewal but have not expired.
  std::optional<Found> usable(bool to_the_end) const {
    const MutexLock lock(kept_mutex_);
    if (!kept_) return std::nullopt;
    const SystemTime now = clock_.now();
    // While one thread checks for new credentials, the others continue anonymously.
    if (!*kept_) return to_the_end || now < anonymous_until_ ? kept_ : std::nullopt;
    const auto& expires = (*kept_)->expires;
    if (!expires || now < (to_the_end ? *expires : renew_at_)) return kept_;
    return std::nullopt;
  }

  void keep(const Found& found) {
    const MutexLock lock(kept_mutex_);
    kept_ = found;
    const SystemTime now = clock_.now();
    if (!found) {
      anonymous_until_ = now + std::chrono::minutes(1);
    } else if (found->expires) {
      const auto life = std::max(*found->expires - now, SystemTime::duration(0));
      renew_at_ = *found->expires - std::min<SystemTime::duration>(std::chrono::minutes(5), life / 3);
    }
  }

  Result<Found> load(const FetchLimits& limits) OFFLOADER_REQUIRES(turn_) {
    for (std::size_t i = given_; i < providers_.size(); ++i) {
      auto loaded = providers_[i]->load(limits);
      if (!loaded) return fail(loaded.error());
      if (!*loaded) {
        if (given_ == i && proven_) {
          return fail(ErrorCode::unavailable, "cannot obtain credentials for the store",
                      std::string(providers_[i]->name()) + " no longer has credentials");
        }
        continue;
      }
      given_ = i;
      proven_ = true;
      name_source(providers_[i]->name());
      return loaded;
    }
    if (rules_.required) {
      return fail(ErrorCode::unauthorized, "no credentials are configured for the store",
                  "no provider of the chain has credentials");
    }
    name_source("anonymous");
    return Found();
  }

  void name_source(const std::string& source) {
    {
      const MutexLock lock(kept_mutex_);
      if (source_ == source) return;
      source_ = source;
    }
    if (rules_.on_source) rules_.on_source(source);
  }

  std::vector<std::unique_ptr<CredentialsProvider<Credentials>>> providers_;
  const Clock& clock_;
  const Rules rules_;
  FetchTurn turn_;  // held while fetching
  std::size_t given_ OFFLOADER_GUARDED_BY(turn_) = 0;
  bool proven_ OFFLOADER_GUARDED_BY(turn_) = false;
  mutable Mutex kept_mutex_;
  std::optional<Found> kept_ OFFLOADER_GUARDED_BY(kept_mutex_);
  SystemTime renew_at_ OFFLOADER_GUARDED_BY(kept_mutex_){};
  SystemTime anonymous_until_ OFFLOADER_GUARDED_BY(kept_mutex_){};
  std::string source_ OFFLOADER_GUARDED_BY(kept_mutex_);
};

}  // namespace offloader::credentials
