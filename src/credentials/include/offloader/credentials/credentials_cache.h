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

namespace offloader::credentials {

// The credentials of one store, kept until shortly before they expire: five minutes, or a third of their life
// when that is shorter. One thread fetches; the others go on with what is still valid, and wait only when
// nothing is. The provider that gave once is asked first from then on. Any thread.
template <typename Credentials>
class CredentialsCache {
 public:
  struct Rules {
    // Reading anonymously is no way out: without any credentials get() is `unauthorized`.
    bool required = false;
    // Told the name of each provider that the credentials come from from then on, "anonymous" without any.
    // Called while fetching; must not call back.
    std::function<void(const std::string&)> on_source;
  };

  CredentialsCache(std::vector<std::unique_ptr<CredentialsProvider<Credentials>>> providers,
                   const Clock& clock, Rules rules = {})
      : providers_(std::move(providers)), clock_(clock), rules_(std::move(rules)) {}

  // Nothing: no provider has any, read anonymously.
  [[nodiscard]] Result<std::optional<Credentials>> get(const FetchLimits& limits) {
    if (const auto kept = usable(false)) return *kept;
    if (!fetch_mutex_.try_lock()) {
      if (const auto kept = usable(true)) return *kept;
      fetch_mutex_.lock();
    }
    const MutexLock fetching(fetch_mutex_, std::adopt_lock);
    if (const auto kept = usable(false)) return *kept;  // fetched while this thread waited
    auto loaded = load(limits);
    if (!loaded) {
      // The old ones serve to their last second while the service that renews them is away.
      if (const auto kept = usable(true)) return *kept;
      return fail(loaded.error());
    }
    keep(*loaded);
    return loaded;
  }

  // After the store refused `used`: true when there are others by now.
  [[nodiscard]] bool renew(const std::optional<Credentials>& used, const FetchLimits& limits) {
    const MutexLock fetching(fetch_mutex_);
    {
      const MutexLock lock(kept_mutex_);
      if (kept_ && differ(*kept_, used)) return true;
    }
    auto loaded = load(limits);
    if (!loaded || !differ(*loaded, used)) return false;
    keep(*loaded);
    return true;
  }

  // The provider that the credentials are from; empty before the first get, and "anonymous" without any.
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

  // `to_the_end`: also what should be renewed, as long as it has not expired.
  std::optional<Found> usable(bool to_the_end) const {
    const MutexLock lock(kept_mutex_);
    if (!kept_) return std::nullopt;
    const SystemTime now = clock_.now();
    // Anonymous stays anonymous for the others while one looks whether there are credentials by now.
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

  Result<Found> load(const FetchLimits& limits) OFFLOADER_REQUIRES(fetch_mutex_) {
    for (std::size_t i = given_; i < providers_.size(); ++i) {
      auto loaded = providers_[i]->load(limits);
      if (!loaded) return fail(loaded.error());
      if (!*loaded) {
        if (given_ == i && proven_) {
          return fail(ErrorCode::unavailable, "no credentials for the store could be obtained",
                      std::string(providers_[i]->name()) + " has none any more");
        }
        continue;
      }
      given_ = i;
      proven_ = true;
      name_source(providers_[i]->name());
      return loaded;
    }
    if (rules_.required) {
      return fail(ErrorCode::unauthorized, "no credentials for the store are set up",
                  "every place of the chain was looked at");
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
  Mutex fetch_mutex_;  // held while fetching
  std::size_t given_ OFFLOADER_GUARDED_BY(fetch_mutex_) = 0;
  bool proven_ OFFLOADER_GUARDED_BY(fetch_mutex_) = false;
  mutable Mutex kept_mutex_;
  std::optional<Found> kept_ OFFLOADER_GUARDED_BY(kept_mutex_);
  SystemTime renew_at_ OFFLOADER_GUARDED_BY(kept_mutex_){};
  SystemTime anonymous_until_ OFFLOADER_GUARDED_BY(kept_mutex_){};
  std::string source_ OFFLOADER_GUARDED_BY(kept_mutex_);
};

}  // namespace offloader::credentials
