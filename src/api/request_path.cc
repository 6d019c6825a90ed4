#include "request_path.h"

#include "offloader/base/ascii.h"

namespace offloader::api {
namespace {

bool is_unreserved(char c) {
  return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string_view routed_path(std::string_view path, std::string& decoded) {
  if (path.find('%') != std::string_view::npos) {
    decoded.clear();
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] == '%' && i + 2 < path.size() && ascii::hex_value(path[i + 1]) >= 0 &&
          ascii::hex_value(path[i + 2]) >= 0) {
        const char c = static_cast<char>(ascii::hex_value(path[i + 1]) * 16 + ascii::hex_value(path[i + 2]));
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
  // Keep the slash of "/v1/endpoints/": it names the empty endpoint, which is answered like any other name
  // (401 without a key).
  if (path.size() > 1 && path.back() == '/' && path != "/v1/endpoints/") path.remove_suffix(1);
  return path;
}

}  // namespace offloader::api
