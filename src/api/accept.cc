#include "accept.h"

#include <charconv>

namespace offloader::api {
namespace {

using catalog::Format;

// How exactly a media range names a type: 0 not at all, 1 by `*/*`, 2 by its main type, 3 as a whole.
int exactness(std::string_view range, std::string_view type) {
  if (ascii::iequals(range, type)) return 3;
  const std::string_view main = type.substr(0, type.find('/') + 1);
  if (range.ends_with("/*") && ascii::iequals(range.substr(0, range.size() - 1), main)) return 2;
  return range == "*/*" ? 1 : 0;
}

// Returns the q of the range that names the type most exactly.
int quality_of_type(std::string_view accept, std::string_view type) {
  int exact = 0;
  int quality = 0;
  for_each_member(accept, [&](std::string_view range, std::string_view params) {
    const int own = exactness(range, type);
    if (own <= exact) return;
    exact = own;
    quality = quality_of(params);
  });
  return quality;
}

}  // namespace

int quality_of(std::string_view params) {
  while (!params.empty()) {
    const auto end = params.find(';');
    const std::string_view param = ascii::trim(params.substr(0, end), ascii::is_blank);
    params = end == std::string_view::npos ? std::string_view{} : params.substr(end + 1);
    if (param.size() < 2 || (param[0] != 'q' && param[0] != 'Q') || param[1] != '=') continue;
    const std::string_view value = param.substr(2);
    double q = 0;
    const auto [last, error] =
        std::from_chars(value.data(), value.data() + value.size(), q, std::chars_format::fixed);
    if (error != std::errc{} || last != value.data() + value.size() || !(q >= 0 && q <= 1)) return 0;
    return static_cast<int>(q * 1000);
  }
  return 1000;
}

std::optional<Format> choose_format(std::optional<std::string_view> accept, std::span<const Format> offered) {
  if (!accept || ascii::trim(*accept, ascii::is_blank).empty()) return offered.front();
  std::optional<Format> best;
  int highest = 0;
  for (const Format format : offered) {
    const int quality = quality_of_type(*accept, row_of(format).media_type);
    if (quality <= highest) continue;
    highest = quality;
    best = format;
  }
  return best;
}

}  // namespace offloader::api
