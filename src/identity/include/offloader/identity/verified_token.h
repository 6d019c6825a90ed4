#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "offloader/identity/principal.h"

namespace offloader::identity {

// A JWT whose signature and claims have been checked.
struct VerifiedToken {
  std::shared_ptr<const Principal> principal;
  std::size_t issuer = 0;         // among those of the Principals
  std::uint64_t keys_number = 0;  // of the key set that verified it (IssuerKeys)
  std::int64_t valid_from = 0;    // Unix seconds
  std::int64_t valid_until = 0;
};

}  // namespace offloader::identity
