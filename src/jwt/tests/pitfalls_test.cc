// The attacks that RFC 8725 describes, one test each. The names give its sections.

#include <gtest/gtest.h>

#include <random>

#include "jwt_scene.h"
#include "offloader/base/base64url.h"
#include "offloader/base/crypto.h"

namespace offloader::jwt {
namespace {

using testing::compact;
using testing::SigningKey;

std::string text_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

class Pitfalls : public ::testing::Test {
 protected:
  static const SigningKey& rsa() {
    static const SigningKey key(Algorithm::rs256, "k1");
    return key;
  }
  static const SigningKey& foreign() {
    static const SigningKey key(Algorithm::rs256, "k1");
    return key;
  }
  const KeySet keys_ = set_of(rsa().key_set());
  const Rules rules_ = rules_for({Algorithm::rs256});
};

TEST_F(Pitfalls, Baseline_SoundToken_IsAccepted) {
  EXPECT_TRUE(accepted(rsa().sign(payload()), keys_, rules_));
}

TEST_F(Pitfalls, Rfc8725_2_1_None_IsRefusedInEverySpelling) {
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header = std::string(R"({"alg":")") + none + R"(","kid":"k1"})";
    EXPECT_FALSE(accepted(compact(header, payload(), ""), keys_, rules_)) << none;
    EXPECT_FALSE(accepted(rsa().sign(header, payload()), keys_, rules_)) << none;
  }
}

TEST_F(Pitfalls, Rfc8725_2_1_RsaKeyAsHmacSecret_IsRefused) {
  const std::string header = R"({"alg":"HS256","kid":"k1"})";
  const std::string text = to_base64url(header) + "." + to_base64url(payload());
  for (const std::string& secret : {rsa().public_pem(), rsa().jwk(), rsa().key_set()}) {
    const std::string token = text + "." + to_base64url(text_of(hmac_sha256(secret, text)));
    EXPECT_FALSE(accepted(token, keys_, rules_));
  }
  // The same signature with the algorithm of the key.
  const std::string claimed = to_base64url(rsa().header()) + "." + to_base64url(payload());
  EXPECT_FALSE(accepted(claimed + "." + to_base64url(text_of(hmac_sha256(rsa().public_pem(), claimed))),
                        keys_, rules_));
}

TEST_F(Pitfalls, Rfc8725_2_1_AlgorithmThatTheIssuerDoesNotUse_IsRefused) {
  const SigningKey other(Algorithm::ps256, "k2");
  const KeySet both = set_of(R"({"keys":[)" + rsa().jwk() + "," + other.jwk() + "]}");
  EXPECT_FALSE(accepted(other.sign(payload()), both, rules_));
  EXPECT_TRUE(accepted(other.sign(payload()), both, rules_for({Algorithm::rs256, Algorithm::ps256})));
}

TEST_F(Pitfalls, Rfc8725_2_1_KeyThatNamesAnotherAlgorithm_IsRefused) {
  const KeySet bound = set_of(R"({"keys":[)" + rsa().jwk(R"(,"alg":"PS256")") + "]}");
  ASSERT_EQ(bound.keys().size(), 1U);
  EXPECT_FALSE(accepted(rsa().sign(payload()), bound, rules_for({Algorithm::rs256, Algorithm::ps256})));
}

TEST_F(Pitfalls, Rfc8725_2_1_KeyOfAnotherKind_IsRefused) {
  const SigningKey curve(Algorithm::es256, "k1");
  EXPECT_FALSE(accepted(curve.sign(payload()), keys_, rules_for({Algorithm::rs256, Algorithm::es256})));
  EXPECT_FALSE(accepted(rsa().sign(payload()), set_of(curve.key_set()),
                        rules_for({Algorithm::rs256, Algorithm::es256})));
}

TEST_F(Pitfalls, Rfc8725_2_2_WeakKeys_AreLeftOut) {
  const SigningKey weak(Algorithm::rs256, "k1", 1024);
  const KeySet set = set_of(weak.key_set());
  EXPECT_TRUE(set.keys().empty());
  EXPECT_FALSE(accepted(weak.sign(payload()), set, rules_));
}

TEST_F(Pitfalls, Rfc8725_2_4_DuplicateMembers_AreRefused) {
  EXPECT_FALSE(accepted(rsa().sign(R"({"alg":"RS256","kid":"k1","alg":"RS256"})", payload()), keys_, rules_));
  EXPECT_FALSE(accepted(rsa().sign(payload(R"(,"sub":"u1")")), keys_, rules_));
  EXPECT_FALSE(accepted(rsa().sign(payload(R"(,"org":{"id":"a","id":"b"})")), keys_, rules_));
  EXPECT_FALSE(accepted(rsa().sign(payload(R"(,"list":[1,[{"x":{"id":"a","id":"a"}}]])")), keys_, rules_));
  // The same name once escaped.
  EXPECT_FALSE(accepted(rsa().sign(payload(R"(,"org":{"id":"a","\u0069d":"b"})")), keys_, rules_));
  EXPECT_TRUE(accepted(rsa().sign(payload(R"(,"a":{"id":1},"b":[{"id":1},{"id":1}])")), keys_, rules_));
}

TEST_F(Pitfalls, Rfc8725_2_5_EncryptedOrNestedToken_IsRefused) {
  EXPECT_FALSE(accepted(rsa().sign(payload()) + ".x.y", keys_, rules_));
  EXPECT_FALSE(accepted(rsa().sign(rsa().header(R"(,"cty":"JWT")"), rsa().sign(payload())), keys_, rules_));
}

TEST_F(Pitfalls, Rfc8725_3_5_ShortOrPaddedSignatures_AreRefused) {
  const std::string token = rsa().sign(payload());
  const std::string text = token.substr(0, token.rfind('.') + 1);
  const std::string signature = *from_base64url(token.substr(text.size()));
  EXPECT_FALSE(accepted(text, keys_, rules_));
  EXPECT_FALSE(accepted(text + to_base64url(signature.substr(1)), keys_, rules_));
  EXPECT_FALSE(accepted(text + to_base64url('\0' + signature), keys_, rules_));
  EXPECT_FALSE(accepted(text + to_base64url(signature + '\0'), keys_, rules_));
}

TEST_F(Pitfalls, Rfc8725_3_4_EcdsaSignatures_HaveTheirExactLength) {
  const SigningKey curve(Algorithm::es256, "k1");
  const KeySet set = set_of(curve.key_set());
  const Rules rules = rules_for({Algorithm::es256});
  const std::string token = curve.sign(payload());
  ASSERT_TRUE(accepted(token, set, rules));
  const std::string text = token.substr(0, token.rfind('.') + 1);
  const std::string signature = *from_base64url(token.substr(text.size()));
  const std::string zero(64, '\0');  // CVE-2022-21449
  const std::string wide =
      std::string(1, '\0') + signature.substr(0, 32) + std::string(1, '\0') + signature.substr(32);
  for (const std::string& bad : {std::string(), zero, signature.substr(0, 63), signature + '\0', wide})
    EXPECT_FALSE(accepted(text + to_base64url(bad), set, rules)) << bad.size();
}

TEST_F(Pitfalls, Rfc8725_3_4_PointOffTheCurve_IsLeftOut) {
  const std::string key =
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1"})";
  EXPECT_TRUE(set_of(R"({"keys":[)" + key + "]}").keys().empty());
  const std::string zero(43, 'A');
  EXPECT_TRUE(set_of(R"({"keys":[{"kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + R"("}]})")
                  .keys()
                  .empty());
}

TEST_F(Pitfalls, Rfc8725_3_8_IssuerAndSubject_MustMatch) {
  Rules other = rules_;
  other.issuer = "https://id.example";  // no trailing slash
  EXPECT_FALSE(accepted(rsa().sign(payload()), keys_, other));
  EXPECT_FALSE(accepted(
      rsa().sign(
          R"({"iss":["https://id.example/"],"aud":"offloader","sub":"u1","iat":1767268740,"exp":1767269000})"),
      keys_, rules_));
  EXPECT_FALSE(accepted(
      rsa().sign(R"({"iss":"https://id.example/","aud":"offloader","iat":1767268740,"exp":1767269000})"),
      keys_, rules_));
  EXPECT_FALSE(accepted(
      rsa().sign(
          R"({"iss":"https://id.example/","aud":"offloader","sub":"","iat":1767268740,"exp":1767269000})"),
      keys_, rules_));
}

TEST_F(Pitfalls, Rfc8725_3_9_Audience_MustMatch) {
  const auto with_audience = [&](const std::string& audience) {
    return rsa().sign(R"({"iss":"https://id.example/",)" + audience +
                      R"("sub":"u1","iat":1767268740,"exp":1767269000})");
  };
  EXPECT_TRUE(accepted(with_audience(R"("aud":["other","offloader"],)"), keys_, rules_));
  for (const char* wrong : {"", R"("aud":"other",)", R"("aud":"offloader2",)", R"("aud":"Offloader",)",
                            R"("aud":[],)", R"("aud":null,)", R"("aud":{"offloader":1},)",
                            R"("aud":[["offloader"]],)", R"("aud":"other offloader",)"})
    EXPECT_FALSE(accepted(with_audience(wrong), keys_, rules_)) << wrong;
}

TEST_F(Pitfalls, Rfc8725_3_10_KeyId_IsOnlyEverCompared) {
  for (const char* kid : {"../../../../dev/null", "/etc/passwd", "k1' OR '1'='1", "k1; DROP TABLE keys",
                          "k1\\u0000", "k1 ", "K1", "%6b1", "https://evil.example/keys", "$(id)", "k1\\n"}) {
    const std::string header = std::string(R"({"alg":"RS256","kid":")") + kid + "\"}";
    EXPECT_EQ(check(rsa().sign(header, payload()), keys_, rules_).outcome, Verdict::Outcome::unknown_key)
        << kid;
  }
  for (const char* kid : {"1", "null", "[\"k1\"]", "{}", "true"}) {
    const std::string header = std::string(R"({"alg":"RS256","kid":)") + kid + "}";
    EXPECT_EQ(check(rsa().sign(header, payload()), keys_, rules_).outcome, Verdict::Outcome::refused) << kid;
  }
}

TEST_F(Pitfalls, Rfc8725_3_10_EmbeddedKeys_AreNotFollowed) {
  for (const std::string& member :
       {R"(,"jwk":)" + foreign().jwk(), std::string(R"(,"jku":"https://evil.example/jwks.json")"),
        std::string(R"(,"x5u":"https://evil.example/cert.pem")"), std::string(R"(,"x5c":["MIIB"])")}) {
    EXPECT_FALSE(accepted(foreign().sign(foreign().header(member), payload()), keys_, rules_)) << member;
    // They change nothing about a token that the issuer's key signed.
    EXPECT_TRUE(accepted(rsa().sign(rsa().header(member), payload()), keys_, rules_)) << member;
  }
}

TEST_F(Pitfalls, Rfc8725_3_10_CriticalExtensions_AreRefused) {
  for (const char* crit : {R"(,"crit":["b64"],"b64":false)", R"(,"crit":[])", R"(,"crit":null)"})
    EXPECT_FALSE(accepted(rsa().sign(rsa().header(crit), payload()), keys_, rules_)) << crit;
}

TEST_F(Pitfalls, Rfc8725_3_11_TypeOfTheToken_IsChecked) {
  Rules typed = rules_;
  typed.typ = "at+jwt";
  for (const char* right : {"at+jwt", "AT+JWT", "application/at+jwt"})
    EXPECT_TRUE(accepted(rsa().sign(rsa().header(std::string(R"(,"typ":")") + right + "\""), payload()),
                         keys_, typed));
  for (const char* wrong :
       {R"(,"typ":"JWT")", "", R"(,"typ":["at+jwt"])", R"(,"typ":"application/application/at+jwt")"})
    EXPECT_FALSE(accepted(rsa().sign(rsa().header(wrong), payload()), keys_, typed)) << wrong;
}

TEST_F(Pitfalls, Rfc8725_3_12_RequiredClaims_KeepKindsOfTokensApart) {
  Rules strict = rules_;
  strict.require = {{"token_use", std::string("access")}, {"level", std::int64_t{2}}, {"verified", true}};
  EXPECT_TRUE(
      accepted(rsa().sign(payload(R"(,"token_use":"access","level":2,"verified":true)")), keys_, strict));
  for (const char* wrong :
       {R"(,"token_use":"id","level":2,"verified":true)", R"(,"token_use":"access","verified":true)",
        R"(,"token_use":"access","level":2.0,"verified":true)",
        R"(,"token_use":["access"],"level":2,"verified":true)",
        R"(,"token_use":"access","level":2,"verified":"true")"})
    EXPECT_FALSE(accepted(rsa().sign(payload(wrong)), keys_, strict)) << wrong;
}

TEST_F(Pitfalls, KeyOfAnotherIssuer_SameKeyId_IsRefused) {
  EXPECT_FALSE(accepted(foreign().sign(payload()), keys_, rules_));
}

TEST_F(Pitfalls, WithoutKeyId_EachKeyOfTheKind_IsTried) {
  const SigningKey one(Algorithm::es256, "");
  const SigningKey two(Algorithm::es256, "");
  const KeySet set = set_of(R"({"keys":[)" + rsa().jwk() + "," + one.jwk() + "," + two.jwk() + "]}");
  const Rules rules = rules_for({Algorithm::es256});
  EXPECT_TRUE(accepted(one.sign(payload()), set, rules));
  EXPECT_TRUE(accepted(two.sign(payload()), set, rules));
  EXPECT_EQ(check(SigningKey(Algorithm::es256, "").sign(payload()), set, rules).outcome,
            Verdict::Outcome::refused);
  // An empty `kid` names no key.
  EXPECT_EQ(check(one.sign(R"({"alg":"ES256","kid":""})", payload()), set, rules).outcome,
            Verdict::Outcome::unknown_key);
}

TEST_F(Pitfalls, EveryAlgorithm_ItsOwnKey_IsAccepted) {
  for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    const SigningKey key(algorithm, "k");
    EXPECT_TRUE(accepted(key.sign(payload()), set_of(key.key_set()), rules_for({algorithm})))
        << name_of(algorithm);
    EXPECT_FALSE(
        accepted(key.sign(payload()), set_of(SigningKey(algorithm, "k").key_set()), rules_for({algorithm})));
  }
}

// Changes a token in ten thousand ways: flipped, removed, inserted, swapped and repeated characters.
TEST_F(Pitfalls, TenThousandMutatedTokens_NoneIsAccepted) {
  std::mt19937 random(8725);
  const SigningKey curve(Algorithm::es256, "k2");
  const SigningKey edwards(Algorithm::eddsa, "k3");
  const KeySet set = set_of(R"({"keys":[)" + rsa().jwk() + "," + curve.jwk() + "," + edwards.jwk() + "]}");
  const Rules rules = rules_for({Algorithm::rs256, Algorithm::es256, Algorithm::eddsa});
  const std::string tokens[] = {rsa().sign(payload()), curve.sign(payload()), edwards.sign(payload())};
  for (const std::string& token : tokens) ASSERT_TRUE(accepted(token, set, rules));
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0{}\"";
  int changed = 0;
  while (changed < 10'000) {
    const std::string& token = tokens[random() % 3];
    std::string bad = token;
    for (auto times = 1 + random() % 3; times > 0; --times) {
      const std::size_t place = random() % bad.size();
      const char c = kCharacters[random() % kCharacters.size()];
      switch (random() % 5) {
        case 0:
          bad[place] = c;
          break;
        case 1:
          bad.erase(place, 1 + random() % 4);
          break;
        case 2:
          bad.insert(place, 1, c);
          break;
        case 3:
          std::swap(bad[place], bad[random() % bad.size()]);
          break;
        default:
          bad.insert(place, bad.substr(place, random() % 40));
      }
      if (bad.empty()) bad = ".";
    }
    if (bad == token) continue;
    ++changed;
    ASSERT_FALSE(accepted(bad, set, rules)) << bad;
  }
}

}  // namespace
}  // namespace offloader::jwt
