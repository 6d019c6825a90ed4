#include "request_path.h"

namespace offloader::api {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_unreserved(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

}  // namespace

std::string_view routed_path(std::string_view path, std::string& decoded) {
  if (path.find('%') != std::string_view::npos) {
    decoded.clear();
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] == '%' && i + 2 < path.size() && hex_value(path[i + 1]) >= 0 &&
          hex_value(path[i + 2]) >= 0) {
        const char c = static_cast<char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
        if (is_unreserved(c)) {
          decoded.push_back(c);
          i += 2;
          continue;
        }
      }
      decoded.push_back(path[i]);
    }
    path = decoded;
  }
  // Below the endpoints an empty name is a name, too: without a key it is answered like any other.
  if (path.size() > 1 && path.back() == '/' && path != "/v1/endpoints/") path.remove_suffix(1);
  return path;
}

}  // namespace offloader::api
