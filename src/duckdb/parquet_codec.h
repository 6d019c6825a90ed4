#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace offloader::duckdb {

// Whether DuckDB supports this codec of parquet.thrift: none (0), snappy, gzip, brotli, zstd or lz4_raw.
[[nodiscard]] bool is_known_codec(std::int64_t codec);

// Decompresses a Parquet page. Returns false if the data is damaged or does not fill `out` exactly. Never
// reads or writes outside of its arguments. Requires: is_known_codec(codec), and the codec is not none.
[[nodiscard]] bool decompress_page(std::int64_t codec, std::string_view in, std::span<char> out);

}  // namespace offloader::duckdb
