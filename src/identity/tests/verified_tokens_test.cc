#include "verified_tokens.h"

#include <gtest/gtest.h>

namespace offloader::identity {
namespace {

VerifiedToken entry(const std::string& id) {
  auto principal = std::make_shared<Principal>();
  principal->id = id;
  return {std::move(principal), 0, 1, 0, 100};
}

TEST(VerifiedTokens, Keep_Find_Forget) {
  VerifiedTokens tokens(1 << 20);
  EXPECT_FALSE(tokens.find(sha256("a")));
  tokens.keep(sha256("a"), entry("one"));
  EXPECT_EQ(tokens.find(sha256("a"))->principal->id, "one");
  tokens.keep(sha256("a"), entry("two"));
  EXPECT_EQ(tokens.find(sha256("a"))->principal->id, "two");
  EXPECT_GT(tokens.bytes(), sizeof(Principal));
  tokens.forget(sha256("a"));
  tokens.forget(sha256("a"));
  EXPECT_FALSE(tokens.find(sha256("a")));
  EXPECT_EQ(tokens.bytes(), 0U);
}

TEST(VerifiedTokens, Keep_PastTheBound_ForgetsTheLeastRecent) {
  constexpr std::size_t kBound = 256U << 10;
  VerifiedTokens tokens(kBound);
  const Sha256 used = sha256("used");
  tokens.keep(used, entry("used"));
  std::size_t left = 0;
  for (int i = 0; i < 5000; ++i) {
    tokens.keep(sha256(std::to_string(i)), entry("other"));
    EXPECT_TRUE(tokens.find(used)) << i;
    EXPECT_LE(tokens.bytes(), kBound);
  }
  for (int i = 0; i < 5000; ++i) left += tokens.find(sha256(std::to_string(i))) ? 1 : 0;
  EXPECT_GT(left, 100U);
  EXPECT_LT(left, 1000U);
}

TEST(VerifiedTokens, Keep_LargerThanAShard_IsNotKept) {
  VerifiedTokens tokens(64 * 1000);
  tokens.keep(sha256("a"), entry(std::string(2000, 'x')));
  EXPECT_FALSE(tokens.find(sha256("a")));
}

}  // namespace
}  // namespace offloader::identity
