#include "column_match.h"

#include <algorithm>

namespace offloader::engine {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

template <typename Equal>
ColumnMatch only_match(std::span<const std::string> names, Equal equal) {
  ColumnMatch out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!equal(names[i])) continue;
    if (out.index) return {std::nullopt, true};
    out.index = i;
  }
  return out;
}

}  // namespace

ColumnMatch match_column(std::span<const std::string> names, std::string_view wanted) {
  const auto exact = only_match(names, [&](const std::string& name) { return name == wanted; });
  if (exact.index || exact.ambiguous) return exact;
  return only_match(
      names, [&](const std::string& name) { return std::ranges::equal(name, wanted, {}, lower, lower); });
}

}  // namespace offloader::engine
