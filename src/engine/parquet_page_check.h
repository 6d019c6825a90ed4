#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parquet_metadata.h"

namespace offloader::engine {

struct PageProblem {
  std::string what;        // `has negative numbers in its header`
  bool too_large = false;  // sound, as far as is known, and more than may be looked at

  friend bool operator==(const PageProblem&, const PageProblem&) = default;
};

// What is wrong with a page by its header alone.
[[nodiscard]] std::optional<PageProblem> header_problem(const ParquetChunk& chunk, const PageHeader& page);

// Whether the page's values have to be looked at: body_problem() needs its body whole.
[[nodiscard]] bool needs_body(const ParquetChunk& chunk, const PageHeader& page);

// What is wrong with the values of a page whose header has no problem. Takes memory for the page
// decompressed, at most kLargestDeltaPage.
[[nodiscard]] std::optional<PageProblem> body_problem(const ParquetChunk& chunk, const PageHeader& page,
                                                      std::string_view body);

// Bytes of a page of such texts, both as it is stored and decompressed: what the check of one may take.
// Writers end a page at 1 to 100 MiB.
inline constexpr std::uint64_t kLargestDeltaPage = 128 << 20;

}  // namespace offloader::engine
