#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>

#include "offloader/base/crypto.h"
#include "offloader/base/mutex.h"
#include "offloader/identity/verified_token.h"

namespace offloader::identity {

// Remembers the principals of verified tokens by the SHA-256 of the tokens, so that a signature is checked
// once. Bounded in bytes; forgets those that were used least recently. Owned by Principals, and so forgotten
// with its catalog. Any thread. Each of the shards has a lock, which is held to look up one entry.
class VerifiedTokens {
 public:
  explicit VerifiedTokens(std::size_t max_bytes) : shard_bytes_(max_bytes / kShards) {}

  [[nodiscard]] std::optional<VerifiedToken> find(const Sha256& token);
  void keep(const Sha256& token, VerifiedToken entry);
  void forget(const Sha256& token);

  [[nodiscard]] std::size_t bytes() const;

 private:
  static constexpr std::size_t kShards = 64;

  struct Kept {
    Sha256 token{};
    VerifiedToken entry;
    std::size_t bytes = 0;
  };
  struct Hash {
    std::size_t operator()(const Sha256& token) const;
  };
  struct alignas(64) Shard {
    mutable Mutex mutex;
    std::list<Kept> by_use OFFLOADER_GUARDED_BY(mutex);  // the most recent first
    std::unordered_map<Sha256, std::list<Kept>::iterator, Hash> by_token OFFLOADER_GUARDED_BY(mutex);
    std::size_t bytes OFFLOADER_GUARDED_BY(mutex) = 0;

    void erase(std::list<Kept>::iterator kept) OFFLOADER_REQUIRES(mutex);
  };

  // The last byte chooses the shard, and the first ones the place in its table.
  [[nodiscard]] Shard& shard_of(const Sha256& token) { return shards_[token.back() % kShards]; }

  const std::size_t shard_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace offloader::identity
