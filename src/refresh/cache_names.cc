#include "cache_names.h"

#include <algorithm>

#include "offloader/base/ascii.h"
#include "offloader/base/identifier.h"

namespace offloader::refresh {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), ascii::is_digit);
}

bool is_hex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), ascii::is_lower_hex);
}

bool is_build_file(std::string_view name) {
  for (const std::string_view kind : {"duckdb", "index", "rollup", "json"}) {
    // The kind is the last part that has such a name, since ids may hold anything.
    const auto at = name.rfind("." + std::string(kind));
    if (at == std::string_view::npos) continue;
    const std::string_view before = name.substr(0, at);
    const auto dot = before.rfind('.');
    if (dot == std::string_view::npos || dot == 0) continue;
    if (is_hex(before.substr(dot + 1)) && is_snapshot_id(before.substr(0, dot))) return true;
  }
  return false;
}

}  // namespace

std::string_view without_temporary_ending(std::string_view name) {
  constexpr std::string_view kEnding = ".tmp";
  if (!name.ends_with(kEnding)) return {};
  name.remove_suffix(kEnding.size());
  for (int part = 0; part < 2; ++part) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || !is_number(name.substr(dot + 1))) return {};
    name = name.substr(0, dot);
  }
  return name;
}

bool is_dataset_file(std::string_view name) {
  if (const auto whole = without_temporary_ending(name); !whole.empty()) name = whole;
  return name == kStateName || name.starts_with(kPartialPrefix) || is_build_file(name);
}

}  // namespace offloader::refresh
