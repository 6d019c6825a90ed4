#include "cache_names.h"

#include <algorithm>

#include "offloader/base/ascii.h"
#include "offloader/base/identifier.h"

namespace offloader::snapshot_cache {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), ascii::is_digit);
}

bool is_hex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), ascii::is_lower_hex);
}

bool is_record(std::string_view name) {
  constexpr std::string_view kEnding = ".json";
  if (!name.ends_with(kEnding)) return false;
  name.remove_suffix(kEnding.size());
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  return is_hex(name.substr(dot + 1)) && is_snapshot_id(name.substr(0, dot));
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

bool is_record_file(std::string_view name) {
  if (const auto whole = without_temporary_ending(name); !whole.empty()) name = whole;
  return name == kStateName || is_record(name);
}

}  // namespace offloader::snapshot_cache
