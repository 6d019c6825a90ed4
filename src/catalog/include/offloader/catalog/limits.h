#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "offloader/base/rate.h"

namespace offloader::catalog {

// The limits of a key, or of each subject of an issuer (identity.md, "Limits"). What is unset is unlimited.
// Days are those of UTC.
struct Limits {
  std::optional<Rate> rate{};
  std::optional<std::int64_t> burst{};  // tokens; set only with `rate`; unset: those of a second, at least 1
  std::optional<std::int64_t> concurrent{};
  std::optional<std::int64_t> daily_requests{};
  std::optional<std::int64_t> daily_rows{};

  [[nodiscard]] bool daily() const { return daily_requests || daily_rows; }
  friend bool operator==(const Limits&, const Limits&) = default;
};

// Limits that copies share, so that a key without limits takes 16 bytes for them. Immutable; thread-safe.
class SharedLimits {
 public:
  SharedLimits() = default;
  explicit SharedLimits(Limits limits) : limits_(std::make_shared<const Limits>(limits)) {}

  // Returns null if there are none.
  [[nodiscard]] const Limits* get() const { return limits_.get(); }
  friend bool operator==(const SharedLimits& a, const SharedLimits& b) {
    if (a.limits_ == b.limits_) return true;
    return a.limits_ != nullptr && b.limits_ != nullptr && *a.limits_ == *b.limits_;
  }

 private:
  std::shared_ptr<const Limits> limits_;
};

}  // namespace offloader::catalog
