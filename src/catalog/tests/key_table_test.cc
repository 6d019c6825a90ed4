#include "offloader/catalog/key_table.h"

#include <gtest/gtest.h>

#include <random>

#include "offloader/catalog/key_changes.h"

namespace offloader::catalog {
namespace {

SystemTime at(std::int64_t seconds) {
  return SystemTime(std::chrono::seconds(seconds));
}

// Has a random half of the optional fields.
Key random_key(std::mt19937& random, std::size_t i) {
  const auto chosen = [&] { return random() % 2 == 0; };
  const std::string number = std::to_string(i);
  Key key{.id = "key_" + number, .endpoints = {"a"}, .active = chosen(), .line = static_cast<int>(i)};
  if (chosen()) {
    key.hash = sha256(number);
  } else {
    key.certificate_san = "dns:" + number + ".example.org";
  }
  if (chosen()) key.tenant = chosen() ? "" : "tenant " + number;
  if (chosen()) key.endpoints.emplace_back("b");
  if (chosen()) {
    key.endpoints.clear();
    key.every_endpoint = true;
  }
  if (chosen()) key.description = "what it is for";
  if (chosen()) key.previous_hash = sha256("previous " + number);
  if (chosen()) key.lifetime.not_before = at(static_cast<std::int64_t>(random() % 1000) - 500);
  if (chosen()) key.lifetime.expires_at = at(0);
  if (chosen()) key.allowed_cidrs.push_back(*Cidr::parse("192.0.2.0/24"));
  if (chosen()) key.allowed_cidrs.push_back(*Cidr::parse("2001:db8::/32"));
  return key;
}

TEST(KeyTable, Index_KeysWithAnyFields_ReturnsThemAsTheyWere) {
  std::mt19937 random(1);
  std::vector<Key> keys;
  for (std::size_t i = 0; i < 2'000; ++i) keys.push_back(random_key(random, i));
  const KeyTable table{std::span<const Key>(keys)};
  ASSERT_EQ(table.size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Key expected = keys[i];
    if (!expected.certificate_san.empty()) expected.hash = {};
    EXPECT_EQ(table[i], expected) << i;
    EXPECT_EQ(table.view(i).hash == nullptr, !expected.certificate_san.empty());
  }
}

TEST(KeyTable, Compare_SameKeysOrOneFieldDiffers_TellsThemApart) {
  const Key key{.id = "a", .endpoints = {"e"}};
  EXPECT_EQ(KeyTable({key}), KeyTable({key}));
  const auto differs = [&](const auto& change) {
    Key other = key;
    change(other);
    return KeyTable({key}) != KeyTable({other});
  };
  EXPECT_TRUE(differs([](Key& other) { other.id = "b"; }));
  EXPECT_TRUE(differs([](Key& other) { other.hash[31] = 1; }));
  EXPECT_TRUE(differs([](Key& other) { other.tenant = ""; }));
  EXPECT_TRUE(differs([](Key& other) { other.endpoints = {"f"}; }));
  EXPECT_TRUE(differs([](Key& other) { other.active = false; }));
  EXPECT_TRUE(differs([](Key& other) { other.previous_hash = Sha256{}; }));
  EXPECT_TRUE(differs([](Key& other) { other.lifetime.not_before = at(0); }));
  EXPECT_TRUE(differs([](Key& other) { other.allowed_cidrs = {*Cidr::parse("192.0.2.1")}; }));
  EXPECT_NE(KeyTable({key}), KeyTable());
}

TEST(KeyTable, Bytes_ManyKeys_TakeOneCacheLineAboveTheirTexts) {
  for (const bool every_field : {false, true}) {
    std::vector<Key> keys;
    std::size_t text = 0;
    for (std::size_t i = 0; i < 10'000; ++i) {
      const std::string number = std::to_string(i);
      Key key{.id = "key_" + number,
              .hash = sha256(number),
              .tenant = "tenant_" + number,
              .endpoints = {"a", "b"}};
      if (every_field) {
        key.previous_hash = sha256("previous " + number);
        key.lifetime = {at(0), at(1)};
        key.allowed_cidrs = {*Cidr::parse("192.0.2.0/24")};
      }
      text += key.id.size() + key.tenant->size();
      keys.push_back(std::move(key));
    }
    const KeyTable table{std::span<const Key>(keys)};
    const double each = static_cast<double>(table.bytes() - text) / static_cast<double>(keys.size());
    EXPECT_LE(each, every_field ? 145 : 66);
  }
}

TEST(Lifetime, Includes_BoundsAndBetween_IsHalfOpen) {
  const Lifetime both{at(10), at(20)};
  EXPECT_FALSE(both.includes(at(10) - std::chrono::microseconds(1)));
  EXPECT_TRUE(both.includes(at(10)));
  EXPECT_TRUE(both.includes(at(20) - std::chrono::microseconds(1)));
  EXPECT_FALSE(both.includes(at(20)));
  EXPECT_TRUE(Lifetime{}.includes(at(0)));
}

TEST(KeyChanges, Compare_TwoTables_NamesWhatCameWentAndChanged) {
  const Key a{.id = "a", .hash = sha256("a"), .endpoints = {"e"}, .line = 1};
  const Key b{.id = "b", .hash = sha256("b"), .endpoints = {"e"}, .line = 2};
  const Key c{.id = "c", .hash = sha256("c"), .endpoints = {"e"}, .line = 3};
  Key revoked = b;
  revoked.active = false;
  Key moved = a;
  moved.line = 9;
  EXPECT_EQ(changes_of({a, b}, {c, revoked}),
            (KeyChanges{.added = {"c"}, .removed = {"a"}, .changed = {"b"}}));
  EXPECT_TRUE(changes_of({a, b}, {b, moved}).empty()) << "the order and the lines are no change";
  EXPECT_EQ(changes_of({}, {b, a}).added, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(changes_of({b, a}, {}).removed, (std::vector<std::string>{"a", "b"}));
}

TEST(ExpiryWarnings, KeysThatExpire_AreToldFourteenDaysAhead) {
  constexpr std::int64_t kDay = 86'400;
  const auto key = [](const char* id, std::optional<SystemTime> expires_at, int line) {
    return Key{.id = id, .endpoints = {"e"}, .lifetime = {.expires_at = expires_at}, .line = line};
  };
  Key revoked = key("revoked", at(kDay), 7);
  revoked.active = false;
  const KeyTable keys{key("never", {}, 1),
                      key("later", at(14 * kDay), 2),
                      key("soon", at(14 * kDay - 1), 3),
                      key("tomorrow", at(kDay), 4),
                      key("today", at(1), 5),
                      key("gone", at(0), 6),
                      revoked};
  std::string text;
  for (const Finding& finding : expiry_warnings(keys, "keys.yml", at(0))) {
    EXPECT_EQ(finding.severity, Severity::warning);
    text += std::to_string(finding.line) + ": " + finding.message + "\n";
  }
  EXPECT_EQ(
      text,
      "3: the key expires in 13 days\n4: the key expires in 1 day\n5: the key expires in less than a day\n"
      "6: the key has expired\n");
}

}  // namespace
}  // namespace offloader::catalog
