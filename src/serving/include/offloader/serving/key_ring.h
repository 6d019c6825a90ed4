#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/catalog/catalog.h"

namespace offloader::serving {

// What a key opens: its endpoints, each with the tenant in the type of its dataset's tenant column. Holds for
// every generation that has the same endpoints (Generation::endpoint_of).
struct Grant {
  std::size_t endpoint = 0;               // its place among the generation's endpoints, in order of names
  std::optional<catalog::Tenant> tenant;  // set exactly for tenant-scoped endpoints
};

struct KeyGrants {
  std::string key_id;
  std::uint64_t fairness_class = 0;  // of the tenant, or of the key where it has none
  bool active = false;
  std::unordered_map<std::string_view, Grant> endpoints;  // names are the ring's
};

enum class AuthOutcome { ok, missing, malformed, unknown, revoked };

// The keys of one catalog, by the SHA-256 of their tokens. Immutable, and shared by the generations between
// which neither keys nor endpoints change. security.md, 2: a lookup hashes first
// and then compares in constant time, whether the token matches, is revoked or does not exist.
class KeyRing {
 public:
  // `names` are what the names of `keys` view; null where they have none.
  explicit KeyRing(std::vector<std::pair<Sha256, KeyGrants>> keys,
                   std::unique_ptr<const std::vector<std::string>> names = nullptr);

  struct Found {
    AuthOutcome outcome = AuthOutcome::unknown;
    const KeyGrants* key = nullptr;  // set when ok, and when revoked
  };

  // `authorization` is the header's value; nothing when it was not sent.
  [[nodiscard]] Found find(std::optional<std::string_view> authorization) const;

 private:
  struct Entry {
    Sha256 hash;
    KeyGrants grants;
  };
  std::unique_ptr<const std::vector<std::string>> names_;
  std::vector<Entry> entries_;  // entry 0 matches nothing: compared with when no other is
  std::unordered_map<std::uint64_t, std::size_t>
      by_prefix_;  // of the first eight bytes of the hash, to the first entry with them
};

}  // namespace offloader::serving
