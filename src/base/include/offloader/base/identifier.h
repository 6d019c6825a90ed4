#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

// The syntax of names (project-files.md, "Identifiers"; manifest.md). Pure; any thread may call these
// functions.
namespace offloader {

// [a-z][a-z0-9_]{0,62}: dataset ids, endpoint names, param names, key ids.
[[nodiscard]] bool is_identifier(std::string_view text);

// [A-Za-z0-9_]{1,63}: column names, which the producer of the data chooses.
[[nodiscard]] bool is_column_name(std::string_view text);

// 1 to 200 of A-Z a-z 0-9 : _ . -
[[nodiscard]] bool is_snapshot_id(std::string_view text);

// Returns the candidate with the smallest edit distance to a mistyped `text`. The distance must be at most a
// third of the text's length, or 1. Returns nullopt if no candidate is that near, or `text` is over 200
// bytes. The time is bounded: if there are many thousand candidates, only the first are compared.
[[nodiscard]] std::optional<std::string> nearest_match(std::string_view text,
                                                       std::span<const std::string> candidates);

}  // namespace offloader
