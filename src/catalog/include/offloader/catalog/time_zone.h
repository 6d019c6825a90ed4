#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

// The time zones that contracts may name: IANA's names, as the engine knows them. The names are a table in
// the program, because this module has no zone data; a test of the module `duckdb` holds it against the
// engine. Pure; any thread.
namespace offloader::catalog {

// Sorted by bytes.
[[nodiscard]] std::span<const std::string_view> zone_names();

// Whether a zone has exactly this name. Abbreviations that are no IANA names, offsets and other spellings are
// not names.
[[nodiscard]] bool is_zone(std::string_view name);

// Returns the offset from UTC, in seconds, of a zone whose offset never changes: UTC and its other names, and
// `Etc/GMT±n`. An empty name is UTC. Returns nullopt for all other zones. Requires: is_zone() or empty.
[[nodiscard]] std::optional<std::int32_t> fixed_offset(std::string_view name);

}  // namespace offloader::catalog
