#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace offloader::engine {

// Whether DuckDB reads pages of this codec of parquet.thrift: none (0), snappy, gzip, brotli, zstd, lz4_raw.
[[nodiscard]] bool is_known_codec(std::int64_t codec);

// Decompresses a Parquet page: `out` is filled exactly, or the page is not what it says. Requires: the codec
// is known, and not none. False where the bytes are damaged. Never reads or writes outside of its arguments.
[[nodiscard]] bool decompress_page(std::int64_t codec, std::string_view in, std::span<char> out);

}  // namespace offloader::engine
