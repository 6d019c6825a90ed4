#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "offloader/catalog/table.h"

// The formats of answers (consumer-api.md, "Formats"), and what an endpoint offers of them
// (project-files.md).
namespace offloader::catalog {

// The numbers are part of cache keys, ETags and fingerprints, so they must never change.
enum class Format : std::uint8_t { json = 1, ndjson = 2, csv = 3, arrow = 4, parquet = 5 };

struct FormatRow {
  Format format = Format::json;
  std::string_view name;          // in contracts, and of the param `format`
  std::string_view media_type;    // in Accept
  std::string_view content_type;  // the same, with its parameters
  std::string_view extension;     // of a file's name
};

inline constexpr std::array<FormatRow, 5> kFormats = {{
    {Format::json, "json", "application/json", "application/json", "json"},
    {Format::ndjson, "ndjson", "application/x-ndjson", "application/x-ndjson", "ndjson"},
    {Format::csv, "csv", "text/csv", "text/csv; charset=utf-8; header=present", "csv"},
    {Format::arrow, "arrow", "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream",
     "arrows"},
    {Format::parquet, "parquet", "application/vnd.apache.parquet", "application/vnd.apache.parquet",
     "parquet"},
}};
static_assert(unique_in(kFormats, &FormatRow::format) && unique_in(kFormats, &FormatRow::name) &&
              unique_in(kFormats, &FormatRow::media_type));

[[nodiscard]] constexpr const FormatRow& row_of(Format format) {
  return *find_row(kFormats, &FormatRow::format, format);
}

// Long answers, which are sent while they are made.
struct ExportOffer {
  std::int64_t max_rows = 0;     // bounds `limit`
  std::int64_t concurrency = 2;  // of the endpoint at one time

  friend bool operator==(const ExportOffer&, const ExportOffer&) = default;
};

}  // namespace offloader::catalog
