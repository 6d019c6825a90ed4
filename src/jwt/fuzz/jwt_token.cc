// Reads arbitrary bytes as a token and checks it against a key set. Nothing that the key did not sign may be
// accepted, and the fuzzer has no key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "offloader/jwt/verify.h"

namespace {

using namespace offloader::jwt;

// The keys of RFC 7515, A.3, and RFC 8037, A.4.
const KeySet& keys() {
  static const KeySet set =
      KeySet::parse(R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},)"
                    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})")
          .value();
  return set;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const bool shaped = looks_like_token(text);
  const auto token = parse_token(text);
  if (!token) {
    if (token.error().detail.empty()) std::abort();
    return 0;
  }
  if (!shaped || size > Token::kMaxBytes) std::abort();
  Rules rules;
  rules.issuer = "joe";
  rules.audience = {"offloader"};
  rules.algorithms = {Algorithm::es256, Algorithm::eddsa};
  const auto now = offloader::SystemTime(std::chrono::seconds(1300819000));
  if (verify(*token, keys(), rules, now).outcome == Verdict::Outcome::ok) std::abort();
  for (const ClaimPath& path : {ClaimPath{"iss"}, ClaimPath{"org", "id"}}) {
    static_cast<void>(token->claims.words(path));
    const auto id = token->claims.id(path);
    if (id && id->text.empty()) std::abort();
  }
  return 0;
}
