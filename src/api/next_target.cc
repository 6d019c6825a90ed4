#include "next_target.h"

#include <algorithm>
#include <array>

#include "offloader/query/params.h"

namespace offloader::api {
namespace {

// Whether a param of a query string says where a page begins.
bool is_place(std::string_view pair) {
  const std::string_view name = pair.substr(0, pair.find('='));
  if (name.find_first_of("%+") == std::string_view::npos) return name == "cursor" || name == "offset";
  const auto read = query::decode_query_string(name);
  return read && !read->empty() && ((*read)[0].name == "cursor" || (*read)[0].name == "offset");
}

// The characters that can stand between `<` and `>` of a Link, by their number.
constexpr auto kCanStand = [] {
  std::array<bool, 256> out{};
  for (std::size_t i = '!'; i < 0x7F; ++i) out[i] = i != '<' && i != '>' && i != '"';
  return out;
}();

void append_target(std::string& out, std::string_view part) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  while (true) {
    std::size_t good = 0;
    while (good < part.size() && kCanStand[static_cast<unsigned char>(part[good])]) ++good;
    out.append(part.substr(0, good));
    if (good == part.size()) return;
    const auto byte = static_cast<unsigned char>(part[good]);
    out.append({'%', kDigits[byte >> 4], kDigits[byte & 0xF]});
    part.remove_prefix(good + 1);
  }
}

}  // namespace

std::string next_target(std::string_view target, std::string_view param) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  std::string out;
  out.reserve(target.size() + param.size() + 32);  // and the value
  append_target(out, target.substr(0, mark));
  char before = '?';
  for (std::string_view rest = target.substr(std::min(mark + 1, target.size())); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty() || is_place(pair)) continue;
    out.push_back(before);
    append_target(out, pair);
    before = '&';
  }
  out.push_back(before);
  return out.append(param).append("=");
}

}  // namespace offloader::api
