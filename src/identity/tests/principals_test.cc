#include "offloader/identity/principals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "offloader/base/crypto.h"
#include "offloader/base/timestamp.h"
#include "offloader/catalog/load.h"

namespace offloader::identity {
namespace {

using Files = std::map<std::string, std::string>;

std::string endpoint_file(const std::string& name, const std::string& dataset, const std::string& more = "") {
  return "name: " + name + "\nversion: 1\ndataset: " + dataset + "\n" + more +
         "params:\n  - {name: n, type: integer}\nquery:\n  select: [{as: n, column: n}]\n"
         "  filters: [{column: n, op: gte, param: n}]\ncolumns: [n]\n";
}

std::string key(const std::string& id, const std::string& token, const std::string& more) {
  return "  - {id: " + id + ", hash: \"" + to_hex(sha256(token)) + "\", " + more + "}\n";
}

// Endpoint `open` has no tenant; `scoped` has an integer tenant column.
Files files() {
  return {{"offloader.yml", "version: 1\nkeys: keys.yml\n"},
          {"datasets/a.yml", "id: a\nmanifest: m.json\nschema:\n  - {name: n, type: BIGINT}\n"},
          {"datasets/b.yml",
           "id: b\nmanifest: m.json\ntenant_column: t\nschema:\n  - {name: n, type: BIGINT}\n"
           "  - {name: t, type: INTEGER}\n"},
          {"endpoints/open.yml", endpoint_file("open", "a")},
          {"endpoints/scoped.yml", endpoint_file("scoped", "b", "tenant: {column: t}\n")},
          {"keys.yml", "keys:\n" +
                           key("app", "good", "tenant: \"7\", endpoints: [open, scoped], status: active") +
                           key("other", "second", "tenant: \"7\", endpoints: [scoped], status: active") +
                           key("plain", "third", "tenant: null, endpoints: [open], status: active") +
                           key("old", "gone", "tenant: null, endpoints: [open], status: revoked")}};
}

Files open_files() {
  return {{"offloader.yml", "version: 1\nauth: none\n"},
          {"datasets/a.yml", files()["datasets/a.yml"]},
          {"endpoints/open.yml", endpoint_file("open", "a")}};
}

std::shared_ptr<const catalog::Catalog> load(Files project) {
  auto loaded = catalog::load_project_files(std::move(project));
  EXPECT_TRUE(loaded.catalog) << catalog::to_text(loaded.findings);
  return loaded.catalog;
}

const Now kNow{};

TEST(Principals, Find_ActiveKey_ReturnsItsPrincipalWithTypedTenants) {
  const auto catalog = load(files());
  const Principals principals(*catalog);
  const auto found = principals.find({"Bearer good"}, kNow);
  ASSERT_EQ(found.outcome, Outcome::ok);
  EXPECT_EQ(found.principal->id, "app");
  EXPECT_FALSE(found.principal->anonymous);
  const auto open = found.principal->grant_for("open");
  const auto scoped = found.principal->grant_for("scoped");
  ASSERT_TRUE(open && scoped);
  EXPECT_EQ(open->endpoint, 0U);
  EXPECT_EQ(*open->tenant, std::nullopt);
  EXPECT_EQ(scoped->endpoint, 1U);
  EXPECT_EQ(*scoped->tenant, catalog::Tenant(std::int64_t{7}));
}

TEST(Principals, GrantFor_UngrantedOrUnknownEndpoint_ReturnsNull) {
  const auto catalog = load(files());
  const Principals principals(*catalog);
  const auto plain = principals.find({"Bearer third"}, kNow).principal;
  ASSERT_NE(plain, nullptr);
  EXPECT_FALSE(plain->grant_for("scoped"));
  EXPECT_FALSE(plain->grant_for("nobody"));
}

TEST(Principals, FairnessClass_KeysOfOneTenant_ShareIt) {
  const auto catalog = load(files());
  const Principals principals(*catalog);
  const auto class_of = [&](const char* token) {
    return principals.find({token}, kNow).principal->fairness_class;
  };
  EXPECT_EQ(class_of("Bearer good"), class_of("Bearer second"));
  EXPECT_NE(class_of("Bearer good"), class_of("Bearer third"));
}

TEST(Principals, Find_SchemeInAnyCase_IsAccepted) {
  const auto catalog = load(files());
  EXPECT_EQ(Principals(*catalog).find({"bEARER   good"}, kNow).outcome, Outcome::ok);
}

TEST(Principals, Find_RejectedCredentials_ReturnsTheReason) {
  const auto catalog = load(files());
  const Principals principals(*catalog);
  EXPECT_EQ(principals.find({std::nullopt, 0}, kNow).outcome, Outcome::missing);
  for (const char* malformed : {"", "Basic abc", "Bearer", "Bearer ", "Bearer two tokens"})
    EXPECT_EQ(principals.find({malformed}, kNow).outcome, Outcome::malformed) << malformed;
  EXPECT_EQ(principals.find({"Bearer " + std::string(Principals::kMaxToken + 1, 'x')}, kNow).outcome,
            Outcome::malformed);
  EXPECT_EQ(principals.find({"Bearer good", 2}, kNow).outcome, Outcome::malformed);
  EXPECT_EQ(principals.find({"Bearer nobody"}, kNow).outcome, Outcome::unknown);
  const auto revoked = principals.find({"Bearer gone"}, kNow);
  EXPECT_EQ(revoked.outcome, Outcome::revoked);
  ASSERT_NE(revoked.principal, nullptr);
  EXPECT_EQ(revoked.principal->id, "old");
}

TEST(Principals, Find_HashInsteadOfToken_IsUnknown) {
  const auto catalog = load(files());
  EXPECT_EQ(Principals(*catalog).find({"Bearer " + to_hex(sha256("good"))}, kNow).outcome, Outcome::unknown);
}

TEST(Principals, Find_CatalogWithoutKeys_RejectsEveryToken) {
  const catalog::Catalog empty;
  const Principals principals(empty);
  EXPECT_FALSE(principals.anonymous());
  EXPECT_EQ(principals.find({"Bearer good"}, kNow).outcome, Outcome::unknown);
}

TEST(Principals, Find_AuthNone_AnyCredentialsAreAnonymous) {
  const auto catalog = load(open_files());
  const Principals principals(*catalog);
  EXPECT_TRUE(principals.anonymous());
  for (const auto& credentials : {Credentials{}, Credentials{"Basic abc"}, Credentials{"Bearer good", 3}}) {
    const auto found = principals.find(credentials, kNow);
    ASSERT_EQ(found.outcome, Outcome::ok);
    EXPECT_TRUE(found.principal->anonymous);
    EXPECT_EQ(found.principal->id, "");
    ASSERT_TRUE(found.principal->grant_for("open"));
    EXPECT_EQ(*found.principal->grant_for("open")->tenant, std::nullopt);
  }
}

// The catalog's checks reject such a project. This is what happens if one gets past them.
TEST(Principals, AuthNone_TenantScopedEndpoint_IsGrantedToNobody) {
  catalog::Catalog catalog = *load(files());
  catalog.auth = catalog::AuthMode::none;
  const Principals principals(catalog);
  EXPECT_TRUE(principals.find({}, kNow).principal->grant_for("open"));
  EXPECT_FALSE(principals.find({}, kNow).principal->grant_for("scoped"));
}

TEST(Principals, GrantFor_TenantDoesNotFitTheColumn_ReturnsNull) {
  catalog::Catalog catalog = *load(files());
  for (const auto& tenant : {std::optional<std::string>(), std::optional<std::string>("seven"),
                             std::optional<std::string>("3000000000")}) {
    catalog::Key key = catalog.keys[0];
    key.tenant = tenant;
    catalog.keys = {key};
    const Principals principals(catalog);
    const auto found = principals.find({"Bearer good"}, kNow);
    ASSERT_EQ(found.outcome, Outcome::ok);
    EXPECT_FALSE(found.principal->grant_for("scoped"));
    EXPECT_TRUE(found.principal->grant_for("open"));
  }
}

Credentials from(const char* address, const char* authorization = "Bearer good") {
  Credentials out{authorization};
  out.client_address = [address] { return std::string(address); };
  return out;
}

Now at(const char* time) {
  return {*parse_iso8601(time), {}};
}

// The catalog with `good` changed in one way.
template <typename Change>
std::shared_ptr<const catalog::Catalog> with_key(const Change& change) {
  auto catalog = std::make_shared<catalog::Catalog>(*load(files()));
  catalog::Key key = catalog->keys[0];
  change(key);
  catalog->keys = {key};
  return catalog;
}

TEST(Principals, Find_PreviousToken_IsTheSamePrincipal) {
  const auto catalog = with_key([](auto& key) { key.previous_hash = sha256("before"); });
  const Principals principals(*catalog);
  for (const char* token : {"Bearer good", "Bearer before"}) {
    const auto found = principals.find({token}, kNow);
    ASSERT_EQ(found.outcome, Outcome::ok) << token;
    EXPECT_EQ(found.principal->id, "app");
  }
}

TEST(Principals, Find_OutsideOfTheLifetime_IsExpired) {
  const auto catalog = with_key([](auto& key) {
    key.lifetime = {parse_iso8601("2026-01-01T00:00:00Z"), parse_iso8601("2026-02-01T00:00:00Z")};
  });
  const Principals principals(*catalog);
  EXPECT_EQ(principals.find({"Bearer good"}, at("2025-12-31T23:59:59Z")).outcome, Outcome::expired);
  EXPECT_EQ(principals.find({"Bearer good"}, at("2026-01-01T00:00:00Z")).outcome, Outcome::ok);
  EXPECT_EQ(principals.find({"Bearer good"}, at("2026-01-31T23:59:59Z")).outcome, Outcome::ok);
  const auto expired = principals.find({"Bearer good"}, at("2026-02-01T00:00:00Z"));
  EXPECT_EQ(expired.outcome, Outcome::expired);
  ASSERT_NE(expired.principal, nullptr);
  EXPECT_EQ(expired.principal->id, "app");
}

TEST(Principals, Find_KeyWithNetworks_IsValidFromTheseAlone) {
  const auto catalog = with_key([](auto& key) {
    key.allowed_cidrs = {*Cidr::parse("192.0.2.0/24"), *Cidr::parse("2001:db8::/32")};
  });
  const Principals principals(*catalog);
  for (const char* good : {"192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"})
    EXPECT_EQ(principals.find(from(good), kNow).outcome, Outcome::ok) << good;
  for (const char* other : {"192.0.3.7", "2001:db9::1", "", "garbage"})
    EXPECT_EQ(principals.find(from(other), kNow).outcome, Outcome::address) << other;
  EXPECT_EQ(principals.find({"Bearer good"}, kNow).outcome, Outcome::address)
      << "an address that is not known";
  EXPECT_EQ(principals.find(from("192.0.2.7", "Bearer other"), kNow).outcome, Outcome::unknown);
}

TEST(Principals, Find_KeyWithoutNetworks_DoesNotAskForTheAddress) {
  const auto catalog = load(files());
  Credentials credentials{"Bearer good"};
  credentials.client_address = []() -> std::string { throw std::logic_error("was asked"); };
  EXPECT_EQ(Principals(*catalog).find(credentials, kNow).outcome, Outcome::ok);
}

TEST(Principals, Find_Certificate_DecidesOnlyWithoutAToken) {
  auto catalog = std::make_shared<catalog::Catalog>(*load(files()));
  catalog::Key key = catalog->keys[0];
  key.id = "machine";
  key.hash = {};
  key.certificate_san = "spiffe://example.org/app";
  catalog->keys = {catalog->keys[0], key};
  const Principals principals(*catalog);
  const std::vector<std::string> names = {"dns:app.example.org", "spiffe://example.org/app"};
  const auto find = [&](std::optional<std::string_view> authorization, std::span<const std::string> of) {
    Credentials credentials{authorization, authorization ? 1U : 0U};
    credentials.certificate_names = of;
    return principals.find(credentials, kNow);
  };
  const auto machine = find(std::nullopt, names);
  ASSERT_EQ(machine.outcome, Outcome::ok);
  EXPECT_EQ(machine.principal->id, "machine");
  EXPECT_EQ(find("Bearer good", names).principal->id, "app");
  EXPECT_EQ(find("Bearer nobody", names).outcome, Outcome::unknown);
  EXPECT_EQ(find("bearer", names).outcome, Outcome::malformed);
  EXPECT_EQ(find("Bearer a b", names).outcome, Outcome::malformed);
  EXPECT_EQ(find("Basic abc", names).principal->id, "machine") << "no bearer token was sent";
  EXPECT_EQ(find("Basic abc", {}).outcome, Outcome::malformed);
  EXPECT_EQ(find(std::nullopt, {}).outcome, Outcome::missing);
  EXPECT_EQ(find(std::nullopt, std::span(names).first(1)).outcome, Outcome::unknown);
}

TEST(Principals, Find_KeyForEveryEndpoint_GrantsThemAll) {
  const auto catalog = with_key([](auto& key) {
    key.endpoints.clear();
    key.every_endpoint = true;
  });
  const Principals principals(*catalog);
  EXPECT_EQ(principals.find({"Bearer good"}, kNow).principal->grants().size(), 2U);
}

TEST(SamePrincipals, Compare_AuthKeysEndpointsOrTenantTypesDiffer_IsFalse) {
  const auto one = load(files());
  EXPECT_TRUE(same_principals(*one, *one));
  EXPECT_TRUE(same_principals(*one, *load(files())));
  const auto differs = [&](const auto& change) {
    catalog::Catalog other = *one;
    change(other);
    return !same_principals(*one, other);
  };
  EXPECT_TRUE(differs([](auto& other) { other.auth = catalog::AuthMode::none; }));
  EXPECT_TRUE(differs([](auto& other) {
    catalog::Key key = other.keys[0];
    key.active = false;
    other.keys = {key};
  }));
  EXPECT_TRUE(differs([](auto& other) { other.endpoints.erase("open"); }));
  EXPECT_TRUE(differs([](auto& other) { other.endpoints.at("scoped").tenant_scoped = false; }));
  Files retyped = files();
  std::string& dataset = retyped["datasets/b.yml"];
  dataset.replace(dataset.find("INTEGER"), 7, "VARCHAR");
  EXPECT_FALSE(same_principals(*one, *load(retyped)));
  EXPECT_FALSE(differs([](auto& other) { other.endpoints.at("open").owner = "somebody else"; }));
}

}  // namespace
}  // namespace offloader::identity
