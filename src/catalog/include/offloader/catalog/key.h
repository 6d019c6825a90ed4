#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/cidr.h"
#include "offloader/base/clock.h"
#include "offloader/base/crypto.h"
#include "offloader/catalog/limits.h"

namespace offloader::catalog {

// When a key is valid: from `not_before`, and until just before `expires_at`. Unset means unlimited.
struct Lifetime {
  std::optional<SystemTime> not_before{};
  std::optional<SystemTime> expires_at{};

  [[nodiscard]] bool includes(SystemTime now) const {
    return (!not_before || now >= *not_before) && (!expires_at || now < *expires_at);
  }
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

// A key of the keys file (project-files.md, identity.md). Catalogs hold keys as a KeyTable, which is compact.
struct Key {
  std::string id{};
  Sha256 hash{};                        // of the token; all zeros if the key is a certificate
  std::optional<std::string> tenant{};  // as written; canonical integer text for integer tenant columns
  std::vector<std::string> endpoints{};
  bool active = true;
  bool every_endpoint = false;  // `endpoints: ["*"]`; then `endpoints` is empty
  std::string description{};
  std::optional<Sha256> previous_hash{};  // of a second token that is also valid
  std::string certificate_san{};          // `spiffe://…` or `dns:…`; empty: the key is a token
  Lifetime lifetime{};
  std::vector<Cidr> allowed_cidrs{};  // empty: any address
  SharedLimits limits{};
  int line = 0;  // in the keys file

  friend bool operator==(const Key&, const Key&) = default;
};

// Returns whether `text` names a client certificate: `spiffe://TRUST_DOMAIN/PATH` or `dns:NAME` in lower
// case, without `*`: it is compared literally.
[[nodiscard]] bool is_certificate_san(std::string_view text);

}  // namespace offloader::catalog
