#pragma once

#include <string>
#include <string_view>

// The names of the files that the cache folder creates. Files with any other name are never removed.
namespace offloader::snapshot_cache {

inline constexpr std::string_view kStateName = "state.json";

// Whether `name`, in a dataset's folder, is a file of this module: the state file, a record
// `{snapshot}.{build}.json`, or the temporary file of an interrupted atomic write of either. All other files
// there belong to the executor.
[[nodiscard]] bool is_record_file(std::string_view name);

// Returns `name` for `{name}.{pid}.{number}.tmp`, the temporary file of write_file_atomically(); empty for
// any other name.
[[nodiscard]] std::string_view without_temporary_ending(std::string_view name);

}  // namespace offloader::snapshot_cache
