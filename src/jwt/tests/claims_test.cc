#include "offloader/jwt/claims.h"

#include <gtest/gtest.h>

#include "jwt_scene.h"
#include "offloader/base/base64url.h"

namespace offloader::jwt {
namespace {

using testing::compact;
using testing::SigningKey;

Claims claims_of(const std::string& payload) {
  return parse_token(compact(R"({"alg":"RS256"})", payload, "x")).value().claims;
}

TEST(Claims, SplitClaimPath_EmptyParts_GiveNoPath) {
  EXPECT_EQ(split_claim_path("org"), ClaimPath({"org"}));
  EXPECT_EQ(split_claim_path("org.id"), ClaimPath({"org", "id"}));
  for (const char* bad : {"", ".", "org.", ".id", "a..b"}) EXPECT_TRUE(split_claim_path(bad).empty()) << bad;
}

TEST(Claims, Id_StringOrCanonicalInteger_IsReturned) {
  const Claims claims = claims_of(R"({"org":{"id":"acme"},"https://x.example/t":7,"low":-3,"zero":0})");
  EXPECT_EQ(claims.id({"org", "id"}).value().text, "acme");
  EXPECT_FALSE(claims.id({"org", "id"}).value().number);
  EXPECT_EQ(claims.id({"https://x.example/t"}).value().text, "7");
  EXPECT_TRUE(claims.id({"https://x.example/t"}).value().number);
  EXPECT_EQ(claims.id({"low"}).value().text, "-3");
  EXPECT_EQ(claims.id({"zero"}).value().text, "0");
}

TEST(Claims, Id_AnythingElse_IsNothing) {
  for (const char* value : {"null", "true", "[\"a\"]", "{}", "\"\"", "\"a\\u0000b\"", "1.0", "1e3", "-0",
                            "1.5", "9223372036854775808", "18446744073709551616", "-9223372036854775809"}) {
    EXPECT_FALSE(claims_of(std::string(R"({"t":)") + value + "}").id({"t"})) << value;
  }
  EXPECT_FALSE(claims_of("{}").id({"t"}));
  EXPECT_FALSE(claims_of(R"({"t":"a"})").id({"t", "id"}));
}

TEST(Claims, Words_StringOrList_AreSplit) {
  const Claims claims = claims_of(R"({"scope":" a  b c ","list":["a","b c",1,null],"number":1})");
  EXPECT_EQ(claims.words({"scope"}), std::vector<std::string>({"a", "b", "c"}));
  EXPECT_EQ(claims.words({"list"}), std::vector<std::string>({"a", "b c"}));
  EXPECT_TRUE(claims.words({"number"}).empty());
  EXPECT_TRUE(claims.words({"absent"}).empty());
}

TEST(Claims, Time_NumbersOfSeconds_AreRead) {
  EXPECT_EQ(claims_of(R"({"exp":12.9})").time("exp"), 12);
  EXPECT_EQ(claims_of(R"({"exp":1.5e9})").time("exp"), 1500000000);
  for (const char* value : {"\"12\"", "-1", "1e300", "253402300800", "null", "[1]"})
    EXPECT_EQ(claims_of(std::string(R"({"exp":)") + value + "}").time("exp"), std::nullopt) << value;
}

// Every limit of time, on both of its sides. The leeway is 30 s.
TEST(Verify, Times_AtTheirLimits_AreExact) {
  const SigningKey key(Algorithm::eddsa, "k");
  const KeySet set = set_of(key.key_set());
  const Rules rules = rules_for({Algorithm::eddsa});
  const auto token = [&](std::int64_t issued, std::int64_t expires, const std::string& more = {}) {
    return key.sign(R"({"iss":"https://id.example/","aud":"offloader","sub":"u","iat":)" +
                    std::to_string(issued) + R"(,"exp":)" + std::to_string(expires) + more + "}");
  };
  EXPECT_TRUE(accepted(token(kNow - 600, kNow - 29), set, rules));
  EXPECT_FALSE(accepted(token(kNow - 600, kNow - 30), set, rules));
  EXPECT_TRUE(accepted(token(kNow + 30, kNow + 600), set, rules));
  EXPECT_FALSE(accepted(token(kNow + 31, kNow + 600), set, rules));
  const auto not_before = [](std::int64_t seconds) { return R"(,"nbf":)" + std::to_string(seconds); };
  EXPECT_TRUE(accepted(token(kNow, kNow + 600, not_before(kNow + 30)), set, rules));
  EXPECT_FALSE(accepted(token(kNow, kNow + 600, not_before(kNow + 31)), set, rules));
  EXPECT_FALSE(accepted(token(kNow, kNow + 600, R"(,"nbf":"0")"), set, rules));
  EXPECT_TRUE(accepted(token(kNow, kNow + 86400), set, rules));
  EXPECT_FALSE(accepted(token(kNow, kNow + 86401), set, rules));
  EXPECT_FALSE(accepted(token(kNow, kNow), set, rules));
  const Verdict verdict = check(token(kNow - 10, kNow + 600), set, rules);
  EXPECT_EQ(verdict.valid_from, kNow - 40);
  EXPECT_EQ(verdict.valid_until, kNow + 630);
}

TEST(Verify, TimesMissing_AreRefused) {
  const SigningKey key(Algorithm::eddsa, "k");
  for (const char* times :
       {R"("iat":1767268740)", R"("exp":1767269000)", R"("iat":"1767268740","exp":1767269000)"}) {
    EXPECT_FALSE(accepted(
        key.sign(std::string(R"({"iss":"https://id.example/","aud":"offloader","sub":"u",)") + times + "}"),
        set_of(key.key_set()), rules_for({Algorithm::eddsa})))
        << times;
  }
}

TEST(Verify, AudienceClaimOfAnotherName_IsUsed) {
  const SigningKey key(Algorithm::eddsa, "k");
  Rules rules = rules_for({Algorithm::eddsa});
  rules.audience_claim = {"client_id"};
  EXPECT_FALSE(accepted(key.sign(payload()), set_of(key.key_set()), rules));
  EXPECT_TRUE(accepted(key.sign(payload(R"(,"client_id":"offloader")")), set_of(key.key_set()), rules));
}

TEST(ParseToken, Limits_AreExact) {
  const SigningKey key(Algorithm::eddsa, "k");
  EXPECT_FALSE(looks_like_token(""));
  EXPECT_FALSE(looks_like_token("offl_0123"));
  EXPECT_FALSE(looks_like_token("..x"));
  EXPECT_TRUE(looks_like_token("a.b."));
  EXPECT_TRUE(looks_like_token(key.sign(payload())));
  const std::string large = key.sign(payload(R"(,"x":")" + std::string(8000, 'x') + "\""));
  ASSERT_GT(large.size(), Token::kMaxBytes);
  EXPECT_FALSE(parse_token(large));
  const std::string deep = R"(,"x":)" + std::string(32, '[') + std::string(32, ']');
  EXPECT_FALSE(parse_token(key.sign(payload(deep))));
  EXPECT_TRUE(parse_token(key.sign(payload(R"(,"x":)" + std::string(31, '[') + std::string(31, ']')))));
}

TEST(ParseToken, PartsThatAreNotCanonical_AreRefused) {
  const SigningKey key(Algorithm::eddsa, "k");
  const std::string token = key.sign(payload());
  EXPECT_FALSE(parse_token(token + "="));
  EXPECT_FALSE(parse_token(token + "\n"));
  EXPECT_FALSE(parse_token(" " + token));
  // The last character of 64 bytes in base64url has four bits that must be zero.
  std::string spelled = token;
  spelled.back() = spelled.back() == 'A' ? 'B' : static_cast<char>(spelled.back() + 1);
  EXPECT_FALSE(parse_token(spelled));
  for (const char* header : {"", "[]", "null", "\xEF\xBB\xBF{\"alg\":\"EdDSA\"}", "{\"alg\":1}", "{}",
                             "{\"alg\":\"EdDSA\"} x", "{\"alg\":\"EdDSA\",\"x\":\"\xff\"}"})
    EXPECT_FALSE(parse_token(compact(header, payload(), "x"))) << header;
}

}  // namespace
}  // namespace offloader::jwt
