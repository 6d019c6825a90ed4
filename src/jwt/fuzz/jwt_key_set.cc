// Reads arbitrary bytes as a key set. A key that is kept must be able to check a signature.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "offloader/jwt/key_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace offloader::jwt;
  const auto set = KeySet::parse(std::string(data, data + size));
  if (!set) {
    if (set.error().message.empty()) std::abort();
    return 0;
  }
  if (set->keys().size() + set->left_out() > KeySet::kMaxKeys || set->exposed() > set->left_out())
    std::abort();
  for (const Key& key : set->keys()) {
    for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i) {
      const auto algorithm = static_cast<Algorithm>(i);
      if (key.allows(algorithm) && key.verify(algorithm, "text", std::string(64, 'x'))) std::abort();
    }
  }
  return 0;
}
