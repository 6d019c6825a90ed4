#include "etag_match.h"

#include <array>

namespace offloader::api {
namespace {

// Suffixes that compressing proxies append to a tag: `-gzip` (Apache mod_deflate; likewise `-br` and
// `-zstd`), `;gzip` (others) and `--gzip` (Jetty).
bool is_coding_suffix(std::string_view suffix) {
  const std::size_t marks = suffix.starts_with("--") ? 2 : suffix.starts_with('-') || suffix.starts_with(';');
  if (marks == 0) return false;
  const std::string_view coding = suffix.substr(marks);
  for (const std::string_view known : std::array<std::string_view, 4>{"gzip", "br", "zstd", "deflate"}) {
    if (coding == known) return true;
  }
  return false;
}

// Both tags come without `W/`, and `sent` without its closing quote.
bool same_tag(std::string_view sent, std::string_view own) {
  own.remove_suffix(1);
  return sent.starts_with(own) && (sent.size() == own.size() || is_coding_suffix(sent.substr(own.size())));
}

}  // namespace

bool etag_matches(std::string_view header, std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  const auto skip = [&](std::string_view characters) {
    while (!header.empty() && characters.find(header.front()) != std::string_view::npos)
      header.remove_prefix(1);
  };
  skip(" \t");
  if (header == "*" ||
      (header.starts_with("*") && header.find_first_not_of(" \t", 1) == std::string_view::npos))
    return true;
  while (true) {
    skip(" \t,");
    if (header.starts_with("W/")) header.remove_prefix(2);
    if (!header.starts_with('"')) return false;
    const auto end = header.find('"', 1);
    if (end == std::string_view::npos) return false;
    if (same_tag(header.substr(0, end), etag)) return true;
    header.remove_prefix(end + 1);
    skip(" \t");
    if (!header.empty() && header.front() != ',') return false;
  }
}

}  // namespace offloader::api
