#pragma once

#include <string>
#include <string_view>

// The names that are given to what the cache folder holds. Nothing with another name is ever removed.
namespace offloader::snapshot_cache {

inline constexpr std::string_view kStateName = "state.json";

// In a dataset's folder: its state, `{snapshot}.{build}.json`, and what an interrupted atomic write leaves of
// them. The other files there are the executor's.
[[nodiscard]] bool is_record_file(std::string_view name);

// `{name}.{pid}.{number}.tmp` of one of `name`s, as write_file_atomically() writes it: `name`, else empty.
[[nodiscard]] std::string_view without_temporary_ending(std::string_view name);

}  // namespace offloader::snapshot_cache
