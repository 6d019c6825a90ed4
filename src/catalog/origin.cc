#include "offloader/catalog/origin.h"

#include <algorithm>

#include "offloader/base/url.h"

#include "offloader/base/ascii.h"

namespace offloader::catalog {

std::optional<std::string> normalize_origin(std::string_view text) {
  const auto url = parse_url(text);
  const bool bare = url && (url->path.empty() || url->path == "/") && url->query.empty();
  if (!bare || text.find('#') != std::string_view::npos) return std::nullopt;
  return url->origin();
}

std::optional<std::string> origin_of_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url || url->path.empty() || (url->path == "/" && url->query.empty())) return std::nullopt;
  const bool printable = std::all_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
  return printable ? std::optional(url->origin()) : std::nullopt;
}

}  // namespace offloader::catalog
