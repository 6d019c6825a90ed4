#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

// The shapes of names (project-files.md, "Identifiers"; manifest.md).
namespace offloader {

// [a-z][a-z0-9_]{0,62}: dataset ids, endpoint names, param names, key ids.
[[nodiscard]] bool is_identifier(std::string_view text);

// [A-Za-z0-9_]{1,63}: column names, shaped by the producer.
[[nodiscard]] bool is_column_name(std::string_view text);

// 1 to 200 of A-Z a-z 0-9 : _ . -
[[nodiscard]] bool is_snapshot_id(std::string_view text);

// The candidate nearest to a mistyped `text`: at most a third of its letters (at least one) differ. Returns
// nullopt when none is near, and for texts of more than 200 bytes. Takes bounded time: of a list of many
// thousand candidates only the first are compared.
[[nodiscard]] std::optional<std::string> nearest_match(std::string_view text,
                                                       std::span<const std::string> candidates);

}  // namespace offloader
