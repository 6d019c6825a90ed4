#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/clock.h"

namespace offloader::credentials::testing {

struct IssuedKeys {
  std::string key_id;
  std::string secret;
  std::string session_token;
  std::optional<SystemTime> expires;
};

struct IssuedToken {
  std::string token;
  std::optional<SystemTime> expires;
};

// The credentials that the fake stores accept. The fake credential services write it, the fake stores read
// it. Any thread. `clock` must outlive it.
class CredentialBook {
 public:
  explicit CredentialBook(const Clock& clock = real_clock()) : clock_(clock) {}

  // Adds keys that never expire, such as an operator configures. An empty session token means the keys of a
  // user.
  IssuedKeys add_keys(const std::string& key_id, const std::string& secret,
                      const std::string& session_token = {});
  IssuedToken add_token(const std::string& token);
  // Issues new keys, which have a session token and expire.
  IssuedKeys issue_keys(std::chrono::milliseconds lifetime);
  IssuedToken issue_token(std::chrono::milliseconds lifetime);
  // Makes all issued credentials expired from now on; those that never expire are kept.
  void expire_issued();
  void forget_all();

  enum class Verdict { sound, unknown, expired };
  [[nodiscard]] std::optional<IssuedKeys> keys_of(const std::string& key_id) const;
  [[nodiscard]] Verdict judge(const IssuedKeys& keys, const std::string& session_token) const;
  [[nodiscard]] Verdict judge_token(const std::string& token) const;

  // Every secret, session token and bearer token ever handed out; no output may contain any of them.
  [[nodiscard]] std::vector<std::string> secrets() const;
  [[nodiscard]] std::size_t issued() const;

 private:
  const Clock& clock_;
  mutable std::mutex book_mutex_;
  std::map<std::string, IssuedKeys> keys_;
  std::map<std::string, IssuedToken> tokens_;
  std::vector<std::string> secrets_;
  std::size_t issued_ = 0;
};

}  // namespace offloader::credentials::testing
