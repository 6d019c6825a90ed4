#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/identity/principals.h"

namespace offloader::identity {

// Whose credentials the last requests of a connection had, so that a caller who asks again and again is
// neither hashed nor looked up each time. It holds the `Authorization` header itself, as the buffer of the
// connection does, from the second request in a row with the same token on: many callers that take turns on a
// connection cost no copies. Headers longer than kMostHeader are not kept. Owned by the connection; one
// thread at a time. It may outlive the principals, which then do not recognize it.
class RecentCaller {
 public:
  static constexpr std::size_t kMostHeader = 2048;

  RecentCaller() = default;
  RecentCaller(const RecentCaller&) = delete;
  RecentCaller& operator=(const RecentCaller&) = delete;
  ~RecentCaller() { forget(); }

  // Overwrites and drops the header.
  void forget();

 private:
  friend class Principals;

  // Returns whether these principals have kept something for the header. Compares in constant time.
  [[nodiscard]] bool knows(const std::shared_ptr<const Principals*>& by,
                           std::string_view authorization) const;
  // Returns whether the previous token had this hash too, so that keep() is worth it.
  [[nodiscard]] bool repeats(const Sha256& token);
  // Keep nothing if the header is too long.
  void keep(const std::shared_ptr<const Principals*>& by, std::string_view authorization, std::size_t key,
            std::shared_ptr<const Principal> principal);
  void keep(const std::shared_ptr<const Principals*>& by, std::string_view authorization,
            VerifiedToken token);
  bool keep_header(const std::shared_ptr<const Principals*>& by, std::string_view authorization);

  Sha256 last_{};  // hash of the previous token
  std::shared_ptr<const Principals*> by_;
  std::string authorization_;
  std::size_t key_ = 0;                             // if key_principal_ is set
  std::shared_ptr<const Principal> key_principal_;  // null: a JWT
  VerifiedToken token_;
};

}  // namespace offloader::identity
