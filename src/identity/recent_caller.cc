#include "offloader/identity/recent_caller.h"

#include <openssl/crypto.h>

#include <utility>

#include "offloader/base/crypto.h"

namespace offloader::identity {

void RecentCaller::forget() {
  if (authorization_.empty()) return;
  OPENSSL_cleanse(authorization_.data(), authorization_.size());
  authorization_.clear();
  by_.reset();
  key_principal_.reset();
  token_ = {};
}

bool RecentCaller::knows(const std::shared_ptr<const Principals*>& by, std::string_view authorization) const {
  return by_ == by && equal_in_constant_time(authorization_, authorization);
}

bool RecentCaller::repeats(const Sha256& token) {
  return std::exchange(last_, token) == token;
}

void RecentCaller::keep(const std::shared_ptr<const Principals*>& by, std::string_view authorization,
                        std::size_t key, std::shared_ptr<const Principal> principal) {
  if (!keep_header(by, authorization)) return;
  key_ = key;
  key_principal_ = std::move(principal);
}

void RecentCaller::keep(const std::shared_ptr<const Principals*>& by, std::string_view authorization,
                        VerifiedToken token) {
  if (keep_header(by, authorization)) token_ = std::move(token);
}

bool RecentCaller::keep_header(const std::shared_ptr<const Principals*>& by, std::string_view authorization) {
  forget();
  if (authorization.size() > kMostHeader) return false;
  authorization_ = authorization;
  by_ = by;
  return true;
}

}  // namespace offloader::identity
