#include "parquet_page_check.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <span>

#include "parquet_codec.h"
#include "parquet_delta.h"

namespace offloader::engine {
namespace {

// A page of the second version may be stored as it is, whatever the chunk's codec.
bool is_compressed(const ParquetChunk& chunk, const PageHeader& page) {
  return chunk.codec != 0 && (page.type != PageHeader::kDataV2 || page.values.compressed);
}

// Cuts off the levels that a page of the first version has before its values: their length, and they.
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
    return PageProblem{"has negative numbers in its header"};
  }
  // DuckDB makes room for a dictionary by its number of values, before it reads one of them.
  if (page.type == PageHeader::kDictionary && static_cast<std::uint64_t>(values.count) > page.uncompressed) {
    return PageProblem{
        fmt::format("has a dictionary of {} values in {} bytes", values.count, page.uncompressed)};
  }
  if (page.is_data() && !is_compressed(chunk, page) && page.body != page.uncompressed) {
    return PageProblem{
        fmt::format("is not compressed, and has {} bytes of {}", page.body, page.uncompressed)};
  }
  if (!needs_body(chunk, page)) return std::nullopt;
  if (page.uncompressed > kLargestDeltaPage || page.body > kLargestDeltaPage) {
    return PageProblem{fmt::format("has {} bytes, and may have {} MiB in its encoding: write smaller pages",
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
  std::uint64_t levels = 0;  // bytes at the beginning that are never compressed
  if (v2) {
    levels = static_cast<std::uint64_t>(page.values.repetition_levels) +
             static_cast<std::uint64_t>(page.values.definition_levels);
    if (levels > body.size() || levels > page.uncompressed) return PageProblem{"has levels behind its end"};
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
    return PageProblem{"has levels behind its end"};
  }
  auto problem = delta_problem(page.values.encoding, values, static_cast<std::uint64_t>(page.values.count));
  if (problem) return PageProblem{"is not of its encoding: " + *problem};
  return std::nullopt;
}

}  // namespace offloader::engine
