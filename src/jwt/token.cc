#include "offloader/jwt/token.h"

#include <algorithm>
#include <array>

#include "json_object.h"
#include "offloader/base/ascii.h"
#include "offloader/base/base64url.h"

namespace offloader::jwt {
namespace {

tl::unexpected<Error> refused(const char* reason) {
  return fail(ErrorCode::unauthorized, "the token is not valid", reason);
}

// Reads an optional string member of the header. Returns false if it is of another type.
bool read_text(const nlohmann::json& header, const char* name, std::optional<std::string>& out) {
  if (!header.contains(name)) return true;
  const std::string* const text = string_in(header, name);
  if (text != nullptr) out = *text;
  return text != nullptr;
}

}  // namespace

bool looks_like_token(std::string_view text) {
  std::size_t dots = 0;
  for (const char c : text) {
    if (c == '.') {
      ++dots;
    } else if (!ascii::is_alnum(c) && c != '-' && c != '_') {
      return false;
    }
  }
  return dots == 2 && text.front() != '.';
}

Result<Token> parse_token(std::string_view text) {
  if (text.size() > Token::kMaxBytes) return refused("the token is too long");
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return refused("the token does not have three parts");
  const auto header_bytes = from_base64url(text.substr(0, first));
  const auto payload_bytes = from_base64url(text.substr(first + 1, second - first - 1));
  auto signature = from_base64url(text.substr(second + 1));
  if (!header_bytes || !payload_bytes || !signature) return refused("a part is not canonical base64url");
  const auto header = parse_object(*header_bytes);
  if (!header) return refused("the header is not a JSON object, or names a member twice");
  if (header->contains("crit")) return refused("the header has `crit`");
  const std::string* const algorithm = string_in(*header, "alg");
  if (algorithm == nullptr) return refused("the header has no `alg`");
  std::optional<std::string> kid;
  std::optional<std::string> typ;
  if (!read_text(*header, "kid", kid) || !read_text(*header, "typ", typ))
    return refused("`kid` or `typ` is not a string");
  auto payload = parse_object(*payload_bytes);
  if (!payload) return refused("the payload is not a JSON object, or names a member twice");
  return Token{*algorithm,
               std::move(kid),
               std::move(typ).value_or(""),
               Claims(std::make_shared<const nlohmann::json>(std::move(*payload))),
               text.substr(0, second),
               std::move(*signature)};
}

}  // namespace offloader::jwt
