#include "offloader/credentials/testing/credential_book.h"

#include <fmt/format.h>

#include "offloader/base/crypto.h"

namespace offloader::credentials::testing {

IssuedKeys CredentialBook::add_keys(const std::string& key_id, const std::string& secret,
                                    const std::string& session_token) {
  const std::lock_guard lock(book_mutex_);
  secrets_.push_back(secret);
  if (!session_token.empty()) secrets_.push_back(session_token);
  return keys_[key_id] = {key_id, secret, session_token, std::nullopt};
}

IssuedToken CredentialBook::add_token(const std::string& token) {
  const std::lock_guard lock(book_mutex_);
  secrets_.push_back(token);
  return tokens_[token] = {token, std::nullopt};
}

IssuedKeys CredentialBook::issue_keys(std::chrono::milliseconds lifetime) {
  const std::lock_guard lock(book_mutex_);
  IssuedKeys keys{fmt::format("ASIAFAKE{:08}", ++issued_), "secret+/" + random_hex(16),
                  "session/+" + random_hex(24), clock_.now() + lifetime};
  secrets_.push_back(keys.secret);
  secrets_.push_back(keys.session_token);
  return keys_[keys.key_id] = keys;
}

IssuedToken CredentialBook::issue_token(std::chrono::milliseconds lifetime) {
  const std::lock_guard lock(book_mutex_);
  ++issued_;
  const IssuedToken token{"ya29.fake-" + random_hex(24), clock_.now() + lifetime};
  secrets_.push_back(token.token);
  return tokens_[token.token] = token;
}

void CredentialBook::expire_issued() {
  const std::lock_guard lock(book_mutex_);
  const SystemTime past{};
  for (auto& [id, keys] : keys_) {
    if (keys.expires) keys.expires = past;
  }
  for (auto& [id, token] : tokens_) {
    if (token.expires) token.expires = past;
  }
}

void CredentialBook::forget_all() {
  const std::lock_guard lock(book_mutex_);
  keys_.clear();
  tokens_.clear();
}

std::optional<IssuedKeys> CredentialBook::keys_of(const std::string& key_id) const {
  const std::lock_guard lock(book_mutex_);
  const auto found = keys_.find(key_id);
  return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

CredentialBook::Verdict CredentialBook::judge(const IssuedKeys& keys,
                                              const std::string& session_token) const {
  if (keys.session_token != session_token) return Verdict::unknown;
  return keys.expires && clock_.now() >= *keys.expires ? Verdict::expired : Verdict::sound;
}

CredentialBook::Verdict CredentialBook::judge_token(const std::string& token) const {
  const std::lock_guard lock(book_mutex_);
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return Verdict::unknown;
  return found->second.expires && clock_.now() >= *found->second.expires ? Verdict::expired : Verdict::sound;
}

std::vector<std::string> CredentialBook::secrets() const {
  const std::lock_guard lock(book_mutex_);
  return secrets_;
}

std::size_t CredentialBook::issued() const {
  const std::lock_guard lock(book_mutex_);
  return issued_;
}

}  // namespace offloader::credentials::testing
