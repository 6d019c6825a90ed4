#include "verified_tokens.h"

#include <cstring>
#include <utility>

namespace offloader::identity {
namespace {

// The nodes of the list and of the map, beside the principal.
constexpr std::size_t kOverhead = 240;

}  // namespace

std::size_t VerifiedTokens::Hash::operator()(const Sha256& token) const {
  std::size_t hash;
  std::memcpy(&hash, token.data(), sizeof hash);
  return hash;
}

void VerifiedTokens::Shard::erase(std::list<Kept>::iterator kept) {
  bytes -= kept->bytes;
  by_token.erase(kept->token);
  by_use.erase(kept);
}

std::optional<VerifiedToken> VerifiedTokens::find(const Sha256& token) {
  Shard& shard = shard_of(token);
  const MutexLock lock(shard.mutex);
  const auto found = shard.by_token.find(token);
  if (found == shard.by_token.end()) return std::nullopt;
  shard.by_use.splice(shard.by_use.begin(), shard.by_use, found->second);
  return found->second->entry;
}

void VerifiedTokens::keep(const Sha256& token, VerifiedToken entry) {
  const std::size_t bytes = kOverhead + entry.principal->bytes();
  if (bytes > shard_bytes_) return;
  Shard& shard = shard_of(token);
  const MutexLock lock(shard.mutex);
  if (const auto found = shard.by_token.find(token); found != shard.by_token.end())
    shard.erase(found->second);
  while (shard.bytes + bytes > shard_bytes_) shard.erase(std::prev(shard.by_use.end()));
  shard.by_use.push_front({token, std::move(entry), bytes});
  try {
    shard.by_token.emplace(token, shard.by_use.begin());
  } catch (...) {
    shard.by_use.pop_front();
    throw;
  }
  shard.bytes += bytes;
}

void VerifiedTokens::forget(const Sha256& token) {
  Shard& shard = shard_of(token);
  const MutexLock lock(shard.mutex);
  if (const auto found = shard.by_token.find(token); found != shard.by_token.end())
    shard.erase(found->second);
}

std::size_t VerifiedTokens::bytes() const {
  std::size_t bytes = 0;
  for (const Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    bytes += shard.bytes;
  }
  return bytes;
}

}  // namespace offloader::identity
