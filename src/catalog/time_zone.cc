#include "offloader/catalog/time_zone.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace offloader::catalog {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({
#include "zone_names.inc"
});
static_assert(std::is_sorted(kNames.begin(), kNames.end()));

constexpr std::array<std::string_view, 19> kUtc = {
    "",          "Etc/GMT",       "Etc/GMT+0", "Etc/GMT-0", "Etc/GMT0", "Etc/Greenwich", "Etc/UCT",
    "Etc/UTC",   "Etc/Universal", "Etc/Zulu",  "GMT",       "GMT+0",    "GMT-0",         "GMT0",
    "Greenwich", "UCT",           "UTC",       "Universal", "Zulu"};

}  // namespace

std::span<const std::string_view> zone_names() {
  return kNames;
}

bool is_zone(std::string_view name) {
  return std::binary_search(kNames.begin(), kNames.end(), name);
}

std::optional<std::int32_t> fixed_offset(std::string_view name) {
  if (std::find(kUtc.begin(), kUtc.end(), name) != kUtc.end()) return 0;
  constexpr std::string_view kPrefix = "Etc/GMT";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  // The sign is POSIX's: `Etc/GMT+5` is five hours behind UTC.
  const bool behind = name[kPrefix.size()] == '+';
  const std::string_view digits = name.substr(kPrefix.size() + 1);
  std::int32_t hours = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), hours);
  return (behind ? -hours : hours) * 3600;
}

}  // namespace offloader::catalog
