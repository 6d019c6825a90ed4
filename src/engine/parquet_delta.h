#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace offloader::engine {

// What in a page's texts, which DELTA_LENGTH_BYTE_ARRAY or DELTA_BYTE_ARRAY encodes (`encoding` of
// parquet.thrift: 6, 7), DuckDB would follow out of its memory: `its block size is 0`.
// Nothing where DuckDB reads them or refuses them by itself. `bytes` are the page's without its levels,
// `values` the number of its values. Takes time by the number of values, and no memory.
[[nodiscard]] std::optional<std::string> delta_problem(std::int64_t encoding, std::string_view bytes,
                                                       std::uint64_t values);

}  // namespace offloader::engine
