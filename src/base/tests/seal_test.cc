#include "offloader/base/seal.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

const std::string kMaster(32, 'm');

TEST(Seal, Open_WhatWasClosed_GivesTheText) {
  const Seal seal(kMaster, "cursor");
  for (const std::string& text : {std::string(), std::string("a"), std::string(5000, '\0')}) {
    const std::string sealed = seal.close(text, "bound");
    EXPECT_EQ(sealed.size(), text.size() + Seal::kNonce + Seal::kTag);
    EXPECT_EQ(seal.open(sealed, "bound"), text);
  }
}

TEST(Seal, Close_SameTextAndBoundData_IsTheSameOnEveryReplica) {
  const std::string sealed = Seal(kMaster, "cursor").close("text", "bound");
  EXPECT_EQ(Seal(kMaster, "cursor").close("text", "bound"), sealed);
  EXPECT_NE(Seal(kMaster, "cursor").close("text", "other"), sealed);
  // Nonces differ, although the bytes of both together are the same.
  EXPECT_NE(Seal(kMaster, "cursor").close("xtext", "boun").substr(0, Seal::kNonce),
            Seal(kMaster, "cursor").close("text", "bounx").substr(0, Seal::kNonce));
}

TEST(Seal, Open_OtherKeyPurposeOrBoundData_ReturnsNullopt) {
  const std::string sealed = Seal(kMaster, "cursor").close("text", "bound");
  EXPECT_FALSE(Seal(std::string(32, 'n'), "cursor").open(sealed, "bound"));
  EXPECT_FALSE(Seal(kMaster, "session").open(sealed, "bound"));
  EXPECT_FALSE(Seal(kMaster, "cursor").open(sealed, "other"));
}

TEST(Seal, Open_ChangedOrTruncated_ReturnsNullopt) {
  const Seal seal(kMaster, "cursor");
  const std::string sealed = seal.close("a text of some length", "bound");
  for (std::size_t length = 0; length < sealed.size(); ++length)
    EXPECT_FALSE(seal.open(sealed.substr(0, length), "bound")) << length;
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(seal.open(changed, "bound")) << bit;
  }
  EXPECT_FALSE(seal.open(sealed + "x", "bound"));
}

}  // namespace
}  // namespace offloader
