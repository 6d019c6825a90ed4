#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace offloader::engine {

// Decompresses a Parquet page: `out` is filled exactly, or the page is not what it says. `codec` is of
// parquet.thrift; those that DuckDB reads are known (none, snappy, gzip, brotli, zstd, lz4_raw). False where
// the bytes are damaged. Never reads or writes outside of its arguments.
[[nodiscard]] bool decompress_page(std::int64_t codec, std::string_view in, std::span<char> out);

// Whether decompress_page() knows it.
[[nodiscard]] bool is_known_codec(std::int64_t codec);

}  // namespace offloader::engine
