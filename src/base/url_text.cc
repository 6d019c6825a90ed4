#include "offloader/base/url_text.h"

#include <algorithm>

#include "offloader/base/ascii.h"

namespace offloader {
namespace {

bool begins_url(std::string_view text) {
  return ascii::istarts_with(text, "http://") || ascii::istarts_with(text, "https://");
}

// Characters that end a URL in a sentence. A `)` or `,` may belong to the URL; cutting it with the query is
// harmless.
bool ends_url(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>';
}

// Detects the query of a presigned URL, even after an s3:// or gs:// scheme.
bool has_signature(std::string_view query) {
  constexpr std::string_view kName = "signature=";
  return std::ranges::search(query, kName, {}, [](char c) { return ascii::to_lower(c); }).begin() !=
         query.end();
}

}  // namespace

std::string without_url_queries(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", at)) {
    const std::size_t begin =
        at >= 5 && ascii::to_lower(text[at - 1]) == 's' ? at - 5 : at - std::min<std::size_t>(at, 4);
    at += 3;
    if (!begins_url(text.substr(begin))) continue;
    while (at < text.size() && !ends_url(text[at]) && text[at] != '?') ++at;
    if (at == text.size() || text[at] != '?') continue;
    std::size_t end = at;
    while (end < text.size() && !ends_url(text[end])) ++end;
    // Keep punctuation of the surrounding sentence.
    while (end > at + 1 && std::string_view(".,:;)]}").find(text[end - 1]) != std::string_view::npos) --end;
    out.append(text.substr(done, at - done)).append("?…");
    done = at = end;
  }
  return out.append(text.substr(done));
}

std::string without_query(std::string_view location) {
  const std::size_t mark = location.find('?');
  if (mark == std::string_view::npos) return std::string(location);
  // An object key may contain a `?`, but not a signature.
  const bool cut = begins_url(location) || has_signature(location.substr(mark));
  return std::string(cut ? location.substr(0, mark) : location);
}

}  // namespace offloader
