#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/identity/principals.h"

namespace offloader::identity {

// The credentials of the last requests of a connection, by which a caller that repeats its token is
// recognized without hashing the token and looking it up. Once two requests in a row have had the same token,
// it holds their `Authorization` header, as the buffer of the connection does; callers that take turns cost
// no copies. Headers longer than kMostHeader are not kept. Owned by the connection; used by one thread at a
// time. It may outlive the principals: others do not recognize it.
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
