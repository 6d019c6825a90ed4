#include "offloader/jwt/key_set.h"

#include <gtest/gtest.h>

#include "jwt_scene.h"

namespace offloader::jwt {
namespace {

using testing::SigningKey;

TEST(KeySet, Parse_NoKeySet_Fails) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":[],"keys":[]})",
                           R"({"keys":[{"kty":"RSA","kty":"RSA"}]})", "<html></html>"})
    EXPECT_FALSE(KeySet::parse(text)) << text;
  EXPECT_TRUE(KeySet::parse(R"({"keys":[]})"));
}

TEST(KeySet, Parse_Limits_AreExact) {
  const auto list = [](std::size_t count) {
    std::string out = R"({"keys":[)";
    for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "{}" : ",{}";
    return out + "]}";
  };
  EXPECT_TRUE(KeySet::parse(list(KeySet::kMaxKeys)));
  EXPECT_FALSE(KeySet::parse(list(KeySet::kMaxKeys + 1)));
  std::string large = R"({"keys":[]})";
  large.append(KeySet::kMaxBytes - large.size(), ' ');
  EXPECT_TRUE(KeySet::parse(large));
  EXPECT_FALSE(KeySet::parse(large + " "));
  EXPECT_FALSE(
      KeySet::parse(R"({"keys":[],"x":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}"));
}

TEST(KeySet, Parse_UseAndOperations_AreHeld) {
  const SigningKey key(Algorithm::es256, "k");
  const auto usable = [&](const std::string& more) {
    return set_of(R"({"keys":[)" + key.jwk(more) + "]}").keys().size() == 1;
  };
  EXPECT_TRUE(usable(""));
  EXPECT_TRUE(usable(R"(,"use":"sig","key_ops":["sign","verify"],"alg":"ES256","x5t":"a")"));
  for (const char* other :
       {R"(,"use":"enc")", R"(,"use":1)", R"(,"key_ops":["encrypt"])", R"(,"key_ops":"verify")",
        R"(,"alg":"ES384")", R"(,"alg":"RS256")", R"(,"alg":"HS256")", R"(,"alg":1)"})
    EXPECT_FALSE(usable(other)) << other;
}

TEST(KeySet, Parse_BrokenKeys_DoNotHideSoundOnes) {
  const SigningKey key(Algorithm::es256, "k");
  const KeySet set = set_of(
      R"({"keys":[{"kty":"RSA"},{"kty":"RSA","n":"!","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},)"
      R"({"kty":"OKP","crv":"Ed25519","x":""},{"kty":"unknown"},{"kid":1,"kty":"EC"},)" +
      key.jwk() + "]}");
  ASSERT_EQ(set.keys().size(), 1U);
  EXPECT_EQ(set.keys()[0].kid(), "k");
  EXPECT_EQ(set.left_out(), 6U);
}

TEST(KeySet, Parse_PrivateMembers_LeaveTheKeyOut) {
  const SigningKey rsa(Algorithm::rs256, "k");
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    const KeySet set = set_of(R"({"keys":[)" + rsa.jwk(std::string(",\"") + member + "\":\"AQ\"") + "]}");
    EXPECT_TRUE(set.keys().empty()) << member;
    EXPECT_EQ(set.exposed(), 1U) << member;
  }
}

TEST(KeySet, Parse_RsaExponents_AreOddAndBounded) {
  const SigningKey rsa(Algorithm::rs256, "k");
  const auto usable = [&](const std::string& exponent) {
    std::string jwk = rsa.jwk();
    const std::size_t at = jwk.find(R"("e":"AQAB")");
    jwk.replace(at, 10, R"("e":")" + exponent + "\"");
    return set_of(R"({"keys":[)" + jwk + "]}").keys().size() == 1;
  };
  EXPECT_TRUE(usable("AQAB"));
  EXPECT_TRUE(usable("Aw"));
  for (const char* bad : {"AQ", "Ag", "AA", "", "AQABAQABAQABAQAB"}) EXPECT_FALSE(usable(bad)) << bad;
}

}  // namespace
}  // namespace offloader::jwt
