#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/identity/principal.h"

namespace offloader::identity {

// The principals of API keys, by the SHA-256 of their tokens. Owned by Principals. Immutable; thread-safe.
class KeyRing {
 public:
  struct Entry {
    Sha256 hash{};
    bool active = false;
    Principal principal;
  };

  explicit KeyRing(std::vector<Entry> keys);

  // Returns the entry of a token with this hash, or null. Compares in constant time, even if no key has it.
  [[nodiscard]] const Entry* find(const Sha256& hash) const;

 private:
  std::vector<Entry> entries_;  // entry 0 is a dummy to compare unknown tokens with
  // From the first eight bytes of a hash to the first entry that has them.
  std::unordered_map<std::uint64_t, std::size_t> by_prefix_;
};

}  // namespace offloader::identity
