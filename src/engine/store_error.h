#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

// How an error of the object store crosses DuckDB, which carries nothing but text. Only `changed` and
// `unavailable` arrive: whatever else a store says (that it refuses our credentials, that there is no such
// object) must not be mistaken for what the caller of an endpoint did wrong.
namespace offloader::engine {

[[nodiscard]] std::string text_of_store_error(const Error& error);

// The error in a text of DuckDB; nothing when the text speaks of something else.
[[nodiscard]] std::optional<Error> store_error_in(std::string_view text);

}  // namespace offloader::engine
