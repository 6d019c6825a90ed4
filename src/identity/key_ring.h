#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/identity/principal.h"

namespace offloader::identity {

// The principals that keys stand for, by the SHA-256 of their tokens. Immutable; any thread.
class KeyRing {
 public:
  struct Entry {
    Sha256 hash{};
    bool active = false;
    Principal principal;
  };

  explicit KeyRing(std::vector<Entry> keys);

  // The entry of a token, or null. Hashes first and then compares in constant time, also when no key has the
  // token.
  [[nodiscard]] const Entry* find(std::string_view token) const;

 private:
  std::vector<Entry> entries_;  // entry 0 matches nothing: compared with when no other is
  std::unordered_map<std::uint64_t, std::size_t>
      by_prefix_;  // of the first eight bytes of the hash, to the first entry with them
};

}  // namespace offloader::identity
