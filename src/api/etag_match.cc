#include "etag_match.h"

namespace offloader::api {
namespace {

std::string_view opaque_of(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag;
}

}  // namespace

bool etag_matches(std::string_view header, std::string_view etag) {
  const std::string_view wanted = opaque_of(etag);
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
    if (header.substr(0, end + 1) == wanted) return true;
    header.remove_prefix(end + 1);
    skip(" \t");
    if (!header.empty() && header.front() != ',') return false;
  }
}

}  // namespace offloader::api
