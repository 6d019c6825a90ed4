#include "parquet_page_check.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <span>

#include "parquet_codec.h"
#include "parquet_delta.h"

namespace offloader::duckdb {
namespace {

// A version 2 page may be stored uncompressed, whatever the codec of its chunk.
bool is_compressed(const ParquetChunk& chunk, const PageHeader& page) {
  return chunk.codec != 0 && (page.type != PageHeader::kDataV2 || page.values.compressed);
}

// Removes one run of levels, with its length, from the front of a version 1 page. Returns false if the page
// is too short.
bool cut_levels(std::string_view& page) {
  std::uint32_t length = 0;  // little-endian
  if (page.size() < sizeof length) return false;
  std::memcpy(&length, page.data(), sizeof length);
  page.remove_prefix(sizeof length);
  if (length > page.size()) return false;
  page.remove_prefix(length);
  return true;
}

}  // namespace

std::optional<PageProblem> header_problem(const ParquetChunk& chunk, const PageHeader& page) {
  const auto& values = page.values;
  if (values.count < 0 || values.repetition_levels < 0 || values.definition_levels < 0) {
    return PageProblem{"has a negative number in its header"};
  }
  // DuckDB allocates a dictionary by its number of values before it reads any of them.
  if (page.type == PageHeader::kDictionary && static_cast<std::uint64_t>(values.count) > page.uncompressed) {
    return PageProblem{
        fmt::format("declares a dictionary of {} values in {} bytes", values.count, page.uncompressed)};
  }
  if (page.is_data() && !is_compressed(chunk, page) && page.body != page.uncompressed) {
    return PageProblem{
        fmt::format("is not compressed, but has {} bytes instead of {}", page.body, page.uncompressed)};
  }
  if (!needs_body(chunk, page)) return std::nullopt;
  if (page.uncompressed > kLargestDeltaPage || page.body > kLargestDeltaPage) {
    return PageProblem{
        fmt::format("has {} bytes, but its encoding allows at most {} MiB. Write smaller pages",
                    std::max(page.uncompressed, page.body), kLargestDeltaPage >> 20),
        true};
  }
  return std::nullopt;
}

bool needs_body(const ParquetChunk& chunk, const PageHeader& page) {
  return page.has_delta_lengths() && is_known_codec(chunk.codec);
}

std::optional<PageProblem> body_problem(const ParquetChunk& chunk, const PageHeader& page,
                                        std::string_view body) {
  const bool v2 = page.type == PageHeader::kDataV2;
  std::uint64_t levels = 0;  // bytes at the beginning, which are never compressed
  if (v2) {
    levels = static_cast<std::uint64_t>(page.values.repetition_levels) +
             static_cast<std::uint64_t>(page.values.definition_levels);
    if (levels > body.size() || levels > page.uncompressed)
      return PageProblem{"has repetition or definition levels that extend past its end"};
  }
  std::string_view values = body.substr(levels);
  std::unique_ptr<char[]> buffer;
  if (is_compressed(chunk, page)) {
    const std::size_t size = page.uncompressed - levels;
    buffer = std::make_unique_for_overwrite<char[]>(size);
    if (!decompress_page(chunk.codec, values, {buffer.get(), size}))
      return PageProblem{"cannot be decompressed"};
    values = {buffer.get(), size};
  }
  if (!v2 && ((chunk.repeated && !cut_levels(values)) || (chunk.optional && !cut_levels(values)))) {
    return PageProblem{"has repetition or definition levels that extend past its end"};
  }
  auto problem = delta_problem(page.values.encoding, values, static_cast<std::uint64_t>(page.values.count));
  if (problem) return PageProblem{"does not match its encoding: " + *problem};
  return std::nullopt;
}

}  // namespace offloader::duckdb
