#include "jwk.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "json_object.h"
#include "offloader/base/base64url.h"
#include "openssl_handles.h"

namespace offloader::jwt {
namespace {

constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;             // verifying takes time that grows with the square of this
constexpr std::size_t kMaxExponentBytes = 8;  // likewise

using EvpKey = std::shared_ptr<evp_pkey_st>;

EvpKey owned(EVP_PKEY* key) {
  return key == nullptr ? nullptr : EvpKey(key, &EVP_PKEY_free);
}

// Returns the bytes of a base64url member; empty if it is absent, malformed or empty.
std::string bytes_in(const nlohmann::json& jwk, const char* name) {
  const std::string* const text = string_in(jwk, name);
  return text == nullptr ? std::string() : from_base64url(*text).value_or("");
}

// Makes a public key of the parameters. OpenSSL checks it, e.g. that a point is on its curve.
EvpKey make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  EvpKey key = owned(made);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;
}

EvpKey rsa_key(const nlohmann::json& jwk) {
  const std::string n = bytes_in(jwk, "n");
  const std::string e = bytes_in(jwk, "e");
  if (n.empty() || n.size() > kMaxRsaBits / 8 + 1 || e.empty() || e.size() > kMaxExponentBytes)
    return nullptr;
  const BigNumber modulus(BN_bin2bn(bytes_of(n), static_cast<int>(n.size()), nullptr));
  const BigNumber exponent(BN_bin2bn(bytes_of(e), static_cast<int>(e.size()), nullptr));
  if (!modulus || BN_num_bits(modulus.get()) < kMinRsaBits || BN_num_bits(modulus.get()) > kMaxRsaBits)
    return nullptr;
  if (!exponent || BN_is_odd(exponent.get()) != 1 || BN_is_one(exponent.get()) == 1) return nullptr;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return make_key("RSA", builder.get());
}

EvpKey ec_key(const nlohmann::json& jwk, const char* group, std::size_t coordinate_bytes) {
  const std::string x = bytes_in(jwk, "x");
  const std::string y = bytes_in(jwk, "y");
  if (x.size() != coordinate_bytes || y.size() != coordinate_bytes) return nullptr;
  const std::string point = '\x04' + x + y;  // uncompressed
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1) {
    return nullptr;
  }
  return make_key("EC", builder.get());
}

EvpKey edwards_key(const nlohmann::json& jwk, const char* type, std::size_t key_bytes) {
  const std::string x = bytes_in(jwk, "x");
  if (x.size() != key_bytes) return nullptr;
  return owned(EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, bytes_of(x), x.size()));
}

std::optional<KeyKind> kind_of(const nlohmann::json& jwk) {
  const std::string* const type = string_in(jwk, "kty");
  if (type == nullptr) return std::nullopt;
  if (*type == "RSA") return KeyKind::rsa;
  const std::string* const curve = string_in(jwk, "crv");
  if (curve == nullptr) return std::nullopt;
  if (*type == "EC" && *curve == "P-256") return KeyKind::p256;
  if (*type == "EC" && *curve == "P-384") return KeyKind::p384;
  if (*type == "OKP" && *curve == "Ed25519") return KeyKind::ed25519;
  if (*type == "OKP" && *curve == "Ed448") return KeyKind::ed448;
  return std::nullopt;
}

EvpKey public_key(const nlohmann::json& jwk, KeyKind kind) {
  switch (kind) {
    case KeyKind::rsa:
      return rsa_key(jwk);
    case KeyKind::p256:
      return ec_key(jwk, "P-256", 32);
    case KeyKind::p384:
      return ec_key(jwk, "P-384", 48);
    case KeyKind::ed25519:
      return edwards_key(jwk, "ED25519", 32);
    case KeyKind::ed448:
      return edwards_key(jwk, "ED448", 57);
  }
  return nullptr;
}

// Returns whether `use` and `key_ops`, where they are present, allow verifying signatures.
bool is_for_verifying(const nlohmann::json& jwk) {
  if (jwk.contains("use")) {
    const std::string* const use = string_in(jwk, "use");
    if (use == nullptr || *use != "sig") return false;
  }
  const auto operations = jwk.find("key_ops");
  return operations == jwk.end() ||
         (operations->is_array() &&
          std::find(operations->begin(), operations->end(), "verify") != operations->end());
}

}  // namespace

bool has_private_member(const nlohmann::json& jwk) {
  constexpr std::array<const char*, 8> kPrivate = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::any_of(kPrivate.begin(), kPrivate.end(), [&](const char* name) { return jwk.contains(name); });
}

std::optional<Key> read_jwk(const nlohmann::json& jwk) {
  const auto kind = kind_of(jwk);
  if (!kind || !is_for_verifying(jwk)) return std::nullopt;
  std::string kid;
  if (jwk.contains("kid")) {
    const std::string* const text = string_in(jwk, "kid");
    if (text == nullptr) return std::nullopt;
    kid = *text;
  }
  std::optional<Algorithm> only;
  if (jwk.contains("alg")) {
    const std::string* const name = string_in(jwk, "alg");
    if (name == nullptr) return std::nullopt;
    only = parse_algorithm(*name);
    if (!only) return std::nullopt;
  }
  EvpKey made = public_key(jwk, *kind);
  if (!made) {
    ERR_clear_error();
    return std::nullopt;
  }
  Key key(std::move(kid), *kind, only, std::move(made));
  if (only && !key.allows(*only)) return std::nullopt;
  return key;
}

}  // namespace offloader::jwt
