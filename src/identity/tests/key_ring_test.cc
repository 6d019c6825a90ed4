#include "key_ring.h"

#include <gtest/gtest.h>

#include "offloader/catalog/catalog.h"

namespace offloader::identity {
namespace {

std::vector<catalog::Key> keys_of(std::size_t count) {
  std::vector<catalog::Key> keys;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    catalog::Key key{.id = "key_" + number, .tenant = "tenant_" + number, .endpoints = {"e"}};
    if (i % 3 == 0) {
      key.certificate_san = "dns:" + number + ".example.org";
    } else {
      key.hash = sha256(number);
      if (i % 3 == 1) key.previous_hash = sha256("previous " + number);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

const EndpointTable& no_endpoints() {
  static const EndpointTable table{catalog::Catalog()};
  return table;
}

TEST(KeyRing, Find_AnyKeyOfMany_ReturnsIt) {
  constexpr std::size_t kKeys = 5'000;
  const std::vector<catalog::Key> keys = keys_of(kKeys);
  const KeyRing ring(catalog::KeyTable{std::span<const catalog::Key>(keys)}, no_endpoints());
  for (std::size_t i = 0; i < kKeys; ++i) {
    const std::string number = std::to_string(i);
    const std::optional<std::size_t> found(i);
    EXPECT_EQ(ring.find(sha256(number)), i % 3 == 0 ? std::nullopt : found);
    EXPECT_EQ(ring.find(sha256("previous " + number)), i % 3 == 1 ? found : std::nullopt);
    const std::vector<std::string> names = {"dns:other.example.org", "dns:" + number + ".example.org"};
    EXPECT_EQ(ring.find_certificate(names), i % 3 == 0 ? found : std::nullopt);
    EXPECT_EQ(ring.find(sha256("unknown " + number)), std::nullopt);
  }
  EXPECT_EQ(ring.find(Sha256{}), std::nullopt) << "keys with certificates have no hash";
}

// Such hashes would fill one run of the table if it looked at their first bytes alone.
TEST(KeyRing, Find_HashesThatAreCounted_TakesLinearTime) {
  std::vector<catalog::Key> keys(100'000);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].id = "k";
    for (std::size_t byte = 0; byte < 4; ++byte)
      keys[i].hash[31 - byte] = static_cast<std::uint8_t>(i >> (8 * byte));
  }
  const KeyRing ring(catalog::KeyTable{std::span<const catalog::Key>(keys)}, no_endpoints());
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(ring.find(keys[i].hash), i);
}

TEST(KeyRing, Find_HashesThatDifferInOneBit_AreToldApart) {
  catalog::Key one{.id = "one", .hash = sha256("x"), .endpoints = {"e"}};
  catalog::Key other = one;
  other.id = "other";
  other.hash[31] ^= 1;
  const KeyRing ring({one, other}, no_endpoints());
  EXPECT_EQ(ring.find(one.hash), 0U);
  EXPECT_EQ(ring.find(other.hash), 1U);
  Sha256 neither = one.hash;
  neither[31] ^= 2;
  EXPECT_EQ(ring.find(neither), std::nullopt);
}

TEST(KeyRing, Find_NoKeys_ReturnsNothing) {
  const KeyRing ring({}, no_endpoints());
  EXPECT_EQ(ring.find(sha256("x")), std::nullopt);
  EXPECT_EQ(ring.find_certificate(std::vector<std::string>{"dns:x"}), std::nullopt);
}

TEST(KeyRing, FindCertificate_SeveralNames_TheFirstWithAKeyDecides) {
  const KeyRing ring({catalog::Key{.id = "a", .certificate_san = "dns:a"},
                      catalog::Key{.id = "b", .certificate_san = "spiffe://b/c"}},
                     no_endpoints());
  EXPECT_EQ(ring.find_certificate(std::vector<std::string>{"dns:x", "spiffe://b/c", "dns:a"}), 1U);
  EXPECT_EQ(ring.find_certificate(std::vector<std::string>{"dns:A", "dns:a.b"}), std::nullopt);
}

// The contract's bound is 150 bytes a key above the texts.
TEST(KeyRing, Bytes_WithItsTable_StaysBelowTheBound) {
  constexpr std::size_t kKeys = 20'000;
  const std::vector<catalog::Key> keys = keys_of(kKeys);
  const catalog::KeyTable table{std::span<const catalog::Key>(keys)};
  const KeyRing ring(table, no_endpoints());
  EXPECT_LT((table.bytes() + ring.bytes()) / kKeys, 150U) << "with the texts";
}

}  // namespace
}  // namespace offloader::identity
