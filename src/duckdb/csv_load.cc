#include "csv_load.h"

#include <optional>

#include "parquet_refusal.h"

namespace offloader::duckdb {
namespace {

// Returns the rows that the guard counted; nullopt if there is a Parquet file or a file that was not read to
// its end.
std::optional<std::int64_t> counted_rows(const CsvFiles& csv, const FileSource& source) {
  std::int64_t rows = 0;
  for (const auto& group : source.groups) {
    if (group.csv == nullptr) return std::nullopt;
    for (const auto* file : group.files) {
      const auto counted = csv.rows(file->location);
      if (counted < 0) return std::nullopt;
      rows += counted;
    }
  }
  return rows;
}

}  // namespace

tl::expected<std::int64_t, executor::Refused> read_with_csv(
    CsvFiles& csv, const FileSource& source, Connection& connection, const std::function<bool()>& interrupted,
    const std::function<Result<std::int64_t>()>& read) {
  while (true) {
    auto rows = read();
    if (rows) {
      const auto counted = counted_rows(csv, source);
      if (csv.empty() || csv.reading().alone || !counted || *counted == *rows) return *rows;
      csv.read_alone();
      continue;
    }
    if (is_machinery(rows.error())) return tl::unexpected(executor::Refused{std::move(rows.error()), {}});
    if (csv.learn()) continue;
    auto findings = find_bad_values(connection, source, interrupted);
    if (interrupted && interrupted())
      return tl::unexpected(executor::Refused{{ErrorCode::cancelled, "The build was cancelled.", {}}, {}});
    if (!findings) return tl::unexpected(executor::Refused{std::move(findings.error()), {}});
    if (findings->empty() && !csv.empty() && !csv.reading().alone) {
      csv.read_alone();
      continue;
    }
    if (findings->empty()) findings->push_back(unexplained_refusal(csv.files(), rows.error()));
    // DuckDB's text may quote a value, and a detail is logged, so it is dropped. The findings say everything.
    return tl::unexpected(executor::Refused{{ErrorCode::rejected, "The snapshot's data was rejected.", {}},
                                            std::move(*findings)});
  }
}

}  // namespace offloader::duckdb
