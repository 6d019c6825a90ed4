#include "offloader/serving/key_ring.h"

#include <gtest/gtest.h>

namespace offloader::serving {
namespace {

KeyRing ring() {
  std::vector<std::pair<Sha256, KeyGrants>> keys;
  KeyGrants active;
  active.key_id = "app";
  active.active = true;
  keys.emplace_back(sha256("offl_good"), std::move(active));
  KeyGrants revoked;
  revoked.key_id = "old";
  keys.emplace_back(sha256("offl_old"), std::move(revoked));
  return KeyRing(std::move(keys));
}

TEST(KeyRing, FindsAnActiveKeyByItsToken) {
  const KeyRing keys = ring();
  const auto found = keys.find("Bearer offl_good");
  ASSERT_EQ(found.outcome, AuthOutcome::ok);
  EXPECT_EQ(found.key->key_id, "app");
}

TEST(KeyRing, TheSchemeIsCaseInsensitive) {
  EXPECT_EQ(ring().find("bEARER offl_good").outcome, AuthOutcome::ok);
}

TEST(KeyRing, TellsItsCountersWhyAKeyWasRefused) {
  const KeyRing keys = ring();
  EXPECT_EQ(keys.find(std::nullopt).outcome, AuthOutcome::missing);
  EXPECT_EQ(keys.find("Basic abc").outcome, AuthOutcome::malformed);
  EXPECT_EQ(keys.find("Bearer ").outcome, AuthOutcome::malformed);
  EXPECT_EQ(keys.find("Bearer two tokens").outcome, AuthOutcome::malformed);
  EXPECT_EQ(keys.find("Bearer offl_nobody").outcome, AuthOutcome::unknown);
  EXPECT_EQ(keys.find("Bearer offl_old").outcome, AuthOutcome::revoked);
}

TEST(KeyRing, AHashIsNoToken) {
  EXPECT_EQ(ring().find("Bearer " + to_hex(sha256("offl_good"))).outcome, AuthOutcome::unknown);
}

TEST(KeyRing, WithoutKeysNobodyIsLetIn) {
  const KeyRing keys({});
  EXPECT_EQ(keys.find("Bearer offl_good").outcome, AuthOutcome::unknown);
}

}  // namespace
}  // namespace offloader::serving
