#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "offloader/catalog/format.h"

namespace offloader::cli {

// Counts the rows of an answer while its parts pass by. Lines are the rows of CSV, without the header and
// outside quotes, and of NDJSON. The rows of the other formats cannot be counted without reading them.
class RowCounter {
 public:
  explicit RowCounter(catalog::Format format) : format_(format) {}

  void add(std::string_view part);
  // Returns the rows so far; nullopt for Arrow, Parquet and JSON.
  [[nodiscard]] std::optional<std::uint64_t> rows() const;

 private:
  const catalog::Format format_;
  std::uint64_t lines_ = 0;
  bool quoted_ = false;
  bool open_ = false;  // in a line that has not ended
};

// Returns the first `most` lines of a CSV or NDJSON answer, cut at `most_bytes`.
[[nodiscard]] std::string_view first_lines(std::string_view text, std::size_t most, std::size_t most_bytes);

}  // namespace offloader::cli
