#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parquet_metadata.h"

namespace offloader::duckdb {

struct PageProblem {
  std::string what;        // completes "The page": `has a negative number in its header`
  bool too_large = false;  // not known to be damaged, but too large to check

  friend bool operator==(const PageProblem&, const PageProblem&) = default;
};

// Returns what is wrong with a page according to its header alone; nullopt if nothing is.
[[nodiscard]] std::optional<PageProblem> header_problem(const ParquetChunk& chunk, const PageHeader& page);

// Whether the values of the page must be checked, for which body_problem() needs the whole body.
[[nodiscard]] bool needs_body(const ParquetChunk& chunk, const PageHeader& page);

// Returns what is wrong with the values of a page; nullopt if nothing is. Allocates at most kLargestDeltaPage
// bytes, for the decompressed page. Requires: needs_body(), and no header_problem().
[[nodiscard]] std::optional<PageProblem> body_problem(const ParquetChunk& chunk, const PageHeader& page,
                                                      std::string_view body);

// The largest page that is checked, in bytes, both stored and decompressed. It bounds the memory of a check.
// Writers end a page at 1 to 100 MiB.
inline constexpr std::uint64_t kLargestDeltaPage = 128 << 20;

}  // namespace offloader::duckdb
