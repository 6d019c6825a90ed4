#include "api_token.h"

#include "offloader/base/crypto.h"

namespace offloader::cli {

std::string new_api_token() {
  constexpr std::size_t kBytes = 24;
  return "offl_" + random_hex(kBytes);
}

std::string api_token_hash(const std::string& token) {
  return to_hex(sha256(token));
}

}  // namespace offloader::cli
