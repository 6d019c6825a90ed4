#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace offloader::engine {

// Returns what is wrong with the text lengths of a page (`its block size is 0`) where DuckDB would read or
// write outside of its memory; nullopt where it decodes the page or rejects it itself. `encoding` is that of
// parquet.thrift: DELTA_LENGTH_BYTE_ARRAY (6) or DELTA_BYTE_ARRAY (7). `bytes` is the page without its
// levels, `values` its number of values. Runs in time linear in `values` and allocates only the message.
[[nodiscard]] std::optional<std::string> delta_problem(std::int64_t encoding, std::string_view bytes,
                                                       std::uint64_t values);

}  // namespace offloader::engine
