// The published examples of the RFCs. Their payloads are not those of access tokens, so most of these tests
// check signatures alone.

#include <gtest/gtest.h>

#include "jwt_scene.h"
#include "offloader/base/base64url.h"

namespace offloader::jwt {
namespace {

constexpr const char* kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

// Returns whether the only key of the set made the signature.
bool verifies(const std::string& jwk, Algorithm algorithm, const std::string& signed_text,
              const std::string& signature) {
  const KeySet set = set_of(R"({"keys":[)" + jwk + "]}");
  if (set.keys().size() != 1) return false;
  return set.keys()[0].verify(algorithm, signed_text, from_base64url(signature).value());
}

TEST(Vectors, Rfc7515_A1_HmacToken_HasNoAlgorithmHere) {
  const auto token = parse_token(std::string("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.") + kPayload +
                                 ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->algorithm, "HS256");
  EXPECT_EQ(parse_algorithm("HS256"), std::nullopt);
  const KeySet set = set_of(
      R"({"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}]})");
  EXPECT_TRUE(set.keys().empty());
}

constexpr const char* kA2Key =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
constexpr const char* kA2Signature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF"
    "9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
    "eSN9383Lc"
    "OLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlV"
    "mtVrBp0igcN_IoypGlUPQGe77Rw";

TEST(Vectors, Rfc7515_A2_Rs256_Verifies) {
  const std::string text = std::string("eyJhbGciOiJSUzI1NiJ9.") + kPayload;
  EXPECT_TRUE(verifies(kA2Key, Algorithm::rs256, text, kA2Signature));
  EXPECT_FALSE(verifies(kA2Key, Algorithm::rs384, text, kA2Signature));
  EXPECT_FALSE(verifies(kA2Key, Algorithm::ps256, text, kA2Signature));
  EXPECT_FALSE(verifies(kA2Key, Algorithm::rs256, text + "x", kA2Signature));
}

constexpr const char* kA3Key =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";

TEST(Vectors, Rfc7515_A3_Es256_Verifies) {
  const std::string text = std::string("eyJhbGciOiJFUzI1NiJ9.") + kPayload;
  const std::string signature =
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  EXPECT_TRUE(verifies(kA3Key, Algorithm::es256, text, signature));
  EXPECT_FALSE(verifies(kA3Key, Algorithm::es384, text, signature));
  EXPECT_FALSE(verifies(kA3Key, Algorithm::es256, text + "x", signature));
}

TEST(Vectors, Rfc7515_A4_Es512_IsNotSupported) {
  EXPECT_EQ(parse_algorithm("ES512"), std::nullopt);
  const KeySet set = set_of(
      R"({"keys":[{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}]})");
  EXPECT_TRUE(set.keys().empty());
  EXPECT_EQ(set.left_out(), 1U);
}

TEST(Vectors, Rfc7515_A5_UnsecuredToken_IsRefused) {
  const auto token = parse_token(std::string("eyJhbGciOiJub25lIn0.") + kPayload + ".");
  ASSERT_TRUE(token);
  const Verdict verdict = verify(*token, set_of(R"({"keys":[]})"), rules_for({Algorithm::rs256}), at(kNow));
  EXPECT_EQ(verdict.outcome, Verdict::Outcome::refused);
  EXPECT_EQ(verdict.reason, "the algorithm is not allowed");
}

TEST(Vectors, Rfc7515_A6_JsonSerialization_IsNoToken) {
  EXPECT_FALSE(parse_token(std::string(R"({"payload":")") + kPayload + R"(","signatures":[]})"));
}

// RFC 7518 defines the parameters of keys; its examples of whole keys are in RFC 7517, A.
TEST(Vectors, Rfc7518_6_PublicKeysOfRfc7517_A1_TheSigningOneIsRead) {
  const KeySet set = set_of(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}]})");
  ASSERT_EQ(set.keys().size(), 1U);
  EXPECT_EQ(set.keys()[0].kid(), "2011-04-29");
  EXPECT_EQ(set.left_out(), 1U);  // the one for encryption
  EXPECT_EQ(set.exposed(), 0U);
}

// RFC 7518, C: the keys of ECDH-ES have a private member each.
TEST(Vectors, Rfc7518_C_EphemeralKeys_AreLeftOut) {
  const KeySet set = set_of(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps","d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"},{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}]})");
  EXPECT_TRUE(set.keys().empty());
  EXPECT_EQ(set.exposed(), 2U);
}

// RFC 7520, 4.2, has the only published signature of an algorithm PS* of RFC 7518.
TEST(Vectors, Rfc7520_4_2_Ps384_Verifies) {
  const std::string key =
      R"({"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"})";
  const std::string text =
      "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9."
      "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm"
      "9h"
      "ZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIH"
      "N3"
      "ZXB0IG9mZiB0by4";
  const std::string signature =
      "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-"
      "tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_"
      "1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_"
      "ijQ7p8Vdz0TTrxUeT3lm8d"
      "9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_"
      "jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAf"
      "mWjwZ6oD4ifKo8DYM-X72Eaw";
  EXPECT_TRUE(verifies(key, Algorithm::ps384, text, signature));
  EXPECT_FALSE(verifies(key, Algorithm::ps256, text, signature));
  EXPECT_FALSE(verifies(key, Algorithm::rs384, text, signature));
}

TEST(Vectors, Rfc8037_A4_Ed25519_Verifies) {
  const std::string key =
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
  const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_TRUE(verifies(key, Algorithm::eddsa, text, signature));
  EXPECT_FALSE(verifies(key, Algorithm::eddsa, text + "x", signature));
}

// RFC 8037, A.6: a key for agreement, which signs nothing.
TEST(Vectors, Rfc8037_A6_X25519_IsLeftOut) {
  const KeySet set = set_of(
      R"({"keys":[{"kty":"OKP","crv":"X25519","kid":"Bob","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}]})");
  EXPECT_TRUE(set.keys().empty());
}

// RFC 8037, A.1: the same key as in A.4, published with its private part.
TEST(Vectors, Rfc8037_A1_PrivateKey_IsLeftOut) {
  const KeySet set = set_of(
      R"({"keys":[{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
  EXPECT_TRUE(set.keys().empty());
  EXPECT_EQ(set.exposed(), 1U);
}

}  // namespace
}  // namespace offloader::jwt
