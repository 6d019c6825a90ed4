#include "parquet_page_check.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <span>

#include "parquet_codec.h"
#include "parquet_delta.h"

namespace offloader::engine {
namespace {

constexpr std::string_view kUndecodable = "cannot be decompressed";

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

std::optional<std::string> problem_of(const PageHeader& page, std::string_view values) {
  auto problem = delta_problem(page.values.encoding, values, static_cast<std::uint64_t>(page.values.count));
  if (problem) return fmt::format("is not of its encoding: {}", *problem);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> header_problem(const ParquetChunk& chunk, const PageHeader& page) {
  const auto& values = page.values;
  if (values.count < 0 || values.repetition_levels < 0 || values.definition_levels < 0) {
    return "has negative numbers in its header";
  }
  // DuckDB makes room for a dictionary by its number of values, before it reads one of them.
  if (page.type == PageHeader::kDictionary && static_cast<std::uint64_t>(values.count) > page.uncompressed) {
    return fmt::format("has a dictionary of {} values in {} bytes", values.count, page.uncompressed);
  }
  const bool compressed = values.compressed && chunk.codec != 0;
  if (page.type == PageHeader::kDataV2 && !compressed && page.body != page.uncompressed) {
    return fmt::format("is not compressed, and has {} bytes of {}", page.body, page.uncompressed);
  }
  if (!needs_body(chunk, page)) return std::nullopt;
  if (page.uncompressed > kLargestDeltaPage || page.body > kLargestDeltaPage) {
    return fmt::format("has {} bytes, and may have {} MiB in its encoding: write smaller pages",
                       std::max(page.uncompressed, page.body), kLargestDeltaPage >> 20);
  }
  return std::nullopt;
}

bool needs_body(const ParquetChunk& chunk, const PageHeader& page) {
  return page.is_delta() && is_known_codec(chunk.codec);
}

std::optional<std::string> body_problem(const ParquetChunk& chunk, const PageHeader& page,
                                        std::string_view body) {
  const bool v2 = page.type == PageHeader::kDataV2;
  std::uint64_t levels = 0;  // bytes at the beginning that are not compressed
  if (v2) {
    levels = static_cast<std::uint64_t>(page.values.repetition_levels) +
             static_cast<std::uint64_t>(page.values.definition_levels);
    if (levels > body.size() || levels > page.uncompressed) return "has levels behind its end";
    if (!page.values.compressed || chunk.codec == 0) return problem_of(page, body.substr(levels));
  }
  const std::size_t size = page.uncompressed - levels;
  const auto buffer = std::make_unique_for_overwrite<char[]>(size);
  if (!decompress_page(chunk.codec, body.substr(levels), {buffer.get(), size})) {
    return std::string(kUndecodable);
  }
  std::string_view values(buffer.get(), size);
  if (!v2) {
    if ((chunk.repeated && !cut_levels(values)) || (chunk.optional && !cut_levels(values))) {
      return "has levels behind its end";
    }
  }
  return problem_of(page, values);
}

}  // namespace offloader::engine
