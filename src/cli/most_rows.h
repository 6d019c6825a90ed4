#pragma once

#include <cstdint>
#include <optional>

#include "endpoint_call.h"
#include "offloader/catalog/format.h"

namespace offloader::cli {

// Asks the server for the most rows of an answer in this format: `max_rows` of an endpoint with `export`,
// else `max_limit`. Returns nullopt after printing what is wrong: no answer, or any error that the request
// itself would get. Requires: --params has no `limit`, and call_of() accepts the flags.
[[nodiscard]] std::optional<std::int64_t> ask_most_rows(const CallFlags& flags,
                                                        const catalog::FormatRow& format, World& world);

}  // namespace offloader::cli
