#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

// Passes an error of the object store through DuckDB, as an extra fact beside the text of its exception.
// Every error but `changed` arrives as `unavailable`. Otherwise an error such as rejected credentials or a
// missing object could be mistaken for a mistake of the endpoint's caller.
namespace offloader::duckdb {

// Encodes an error as a fact.
[[nodiscard]] std::string text_of_store_error(const Error& error);

// Decodes the error in a fact; nullopt if there is none.
[[nodiscard]] std::optional<Error> store_error_in(std::string_view text);

}  // namespace offloader::duckdb
