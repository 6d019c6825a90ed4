#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/catalog/key_table.h"
#include "offloader/identity/principal.h"

namespace offloader::identity {

// Finds the keys of a catalog by the SHA-256 of their tokens, or by the names of certificates. An index over
// the catalog's KeyTable, which makes principals when they are asked for: of 200,000 keys, only the callers
// of the moment need one. Owned by Principals. Immutable; thread-safe.
class KeyRing {
 public:
  // `endpoints` must outlive the ring and the principals that it makes.
  KeyRing(catalog::KeyTable keys, const EndpointTable& endpoints);

  // Returns the index of the key whose current or previous token has this hash. Compares in constant time,
  // even if no key has it.
  [[nodiscard]] std::optional<std::size_t> find(const Sha256& hash) const;

  // Returns the index of the key of a certificate with these names (`spiffe://…`, `dns:…`). If several keys
  // have one of them, the first name decides.
  [[nodiscard]] std::optional<std::size_t> find_certificate(std::span<const std::string> names) const;

  // Requires: a result of find() or find_certificate().
  [[nodiscard]] catalog::KeyView key(std::size_t index) const { return keys_.view(index); }
  // Makes the principal of a key, which must not outlive the ring.
  [[nodiscard]] std::shared_ptr<const Principal> principal_of(const catalog::KeyView& key) const;

  [[nodiscard]] std::size_t bytes() const;  // of memory, without the KeyTable

 private:
  // A place of the open-addressing table. Eight of them share a cache line.
  struct Slot {
    std::uint32_t tag = 0;    // of the hash, so that hardly any other is compared
    std::uint32_t entry = 0;  // 0: empty; else 1 + 2 × index, and one more for the previous hash
  };

  [[nodiscard]] std::size_t after(std::size_t slot) const { return slot + 1 < slots_.size() ? slot + 1 : 0; }
  void insert(const Sha256& hash, std::uint32_t entry);
  [[nodiscard]] const Sha256& hash_of(std::uint32_t entry) const;

  const catalog::KeyTable keys_;
  const EndpointTable& endpoints_;
  std::vector<Slot> slots_;             // at most three quarters full
  std::vector<std::uint32_t> by_name_;  // the keys with certificates, sorted by their names
  // By KeyView::grants; nullopt: every endpoint.
  std::vector<std::optional<std::vector<std::uint32_t>>> granted_;
};

}  // namespace offloader::identity
