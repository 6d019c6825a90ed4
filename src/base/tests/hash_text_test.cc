#include "offloader/base/hash_text.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

TEST(HashText, Hex_OfAHash_IsReadBack) {
  const Sha256 hash = sha256("text");
  const std::string hex = to_hex(hash);
  EXPECT_EQ(sha256_of_hex(hex), hash);
  EXPECT_EQ(sha256_of_hex(hex.substr(1)), std::nullopt);
  EXPECT_EQ(sha256_of_hex(hex + "0"), std::nullopt);
  for (const char wrong : {'A', 'g', ' ', '\0'}) {
    std::string changed = hex;
    changed[63] = wrong;
    EXPECT_EQ(sha256_of_hex(changed), std::nullopt);
  }
}

}  // namespace
}  // namespace offloader
