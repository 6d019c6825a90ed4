#pragma once

#include <string>
#include <string_view>

// The names that are given to what the cache folder holds. Nothing with another name is ever removed.
namespace offloader::refresh {

inline constexpr std::string_view kStateName = "state.json";
inline constexpr std::string_view kPartialPrefix = ".partial-";

// In a dataset's folder: its state, `{snapshot}.{build}.{kind}`, partial builds, and what an interrupted
// atomic write leaves of them.
[[nodiscard]] bool is_dataset_file(std::string_view name);

// `{name}.{pid}.{number}.tmp` of one of `name`s, as write_file_atomically() writes it: `name`, else empty.
[[nodiscard]] std::string_view without_temporary_ending(std::string_view name);

}  // namespace offloader::refresh
