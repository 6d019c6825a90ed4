#include "offloader/base/dot_segments.h"

#include <string>

#include "offloader/base/ascii.h"

namespace offloader {
namespace {

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && ascii::hex_value(text[i + 1]) >= 0 &&
                        ascii::hex_value(text[i + 2]) >= 0;
    out += escape ? static_cast<char>(ascii::hex_value(text[i + 1]) * 16 + ascii::hex_value(text[i + 2]))
                  : text[i];
    if (escape) i += 2;
  }
  return out;
}

bool has_plain(std::string_view path) {
  while (true) {
    const auto slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment == "." || segment == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

bool has_dot_segments(std::string_view path) {
  return has_plain(path) || has_plain(decoded(path));
}

}  // namespace offloader
