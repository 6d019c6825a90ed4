#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

// How an error of the object store crosses DuckDB: as a fact that its exception carries beside its text. Only
// `changed` and `unavailable` arrive: whatever else a store says (that it refuses our credentials, that there
// is no such object) must not be mistaken for what the caller of an endpoint did wrong.
namespace offloader::duckdb {

[[nodiscard]] std::string text_of_store_error(const Error& error);

// The error in such a fact; nothing when there is none.
[[nodiscard]] std::optional<Error> store_error_in(std::string_view text);

}  // namespace offloader::duckdb
