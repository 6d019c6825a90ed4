#include "parquet_refusal.h"

#include <fmt/format.h>

#include <algorithm>

#include "offloader/base/url_text.h"
#include "offloader/base/utf8.h"

namespace offloader::duckdb {
namespace {

using manifest::ResolvedFile;

constexpr std::size_t kShownCharacters = 40;
constexpr std::size_t kLongestReason = 300;

// Returns the first `count` characters of UTF-8 text, followed by an ellipsis if there are more.
std::string cut(std::string text, std::size_t count) {
  std::size_t at = 0;
  for (std::size_t shown = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    if (shown++ == count) break;
  }
  if (at >= text.size()) return text;
  text.resize(at);
  return text + "…";
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (what.empty()) return;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

bool is_not_utf8(const Error& error) {
  return error.detail.starts_with("Invalid Input Error: Invalid string encoding found in Parquet file");
}

// Returns the finding for a column with text that is not UTF-8. DuckDB reports the value but not the row. It
// does not decode texts of rows that a filter on the row number excludes, so a binary search finds the row.
catalog::Finding not_utf8(Connection& connection, const ResolvedFile& file, const SourceColumn& column) {
  const auto reads_below = [&](std::int64_t row) -> Result<bool> {
    auto read = connection.rows(fmt::format("SELECT bit_xor(hash({})) FROM {} WHERE file_row_number < {}",
                                            column.raw, parquet_reader_sql({&file}, true), row));
    if (read) return true;
    if (!is_not_utf8(read.error())) return fail(std::move(read.error()));
    return false;
  };
  const char* const advice = "Export it as UTF-8.";
  auto rows = connection.rows("SELECT count(*) FROM " + parquet_reader_sql({&file}));
  if (!rows || rows->empty()) {
    return data_finding(file, column.name,
                        fmt::format("Column {} contains text that is not UTF-8. {}", column.name, advice));
  }
  std::int64_t good = 0;
  std::int64_t bad = std::stoll((*rows)[0][0]);
  while (good + 1 < bad) {
    const auto middle = good + (bad - good) / 2;
    const auto reads = reads_below(middle);
    if (!reads) break;
    (*reads ? good : bad) = middle;
  }
  // A dictionary has the texts of a whole row group, so with a damaged one none of the group's rows can be
  // read. Then the row is known only approximately.
  const auto next = connection.rows(fmt::format("SELECT bit_xor(hash({})) FROM {} WHERE file_row_number = {}",
                                                column.raw, parquet_reader_sql({&file}, true), bad));
  const bool one = next.has_value();
  return data_finding(file, column.name,
                      fmt::format("Row {}{}: the text in column {} is not UTF-8. {}", bad,
                                  one ? "" : " or one after it", column.name, advice));
}

}  // namespace

catalog::Finding data_finding(const ResolvedFile& file, std::string column, std::string message) {
  catalog::Finding out;
  out.file = without_query(file.declared.path);  // the query of a presigned URL is a credential
  out.path = std::move(column);
  out.code = "schema_data_mismatch";
  out.message = std::move(message);
  return out;
}

catalog::Finding row_count_finding(const ResolvedFile& file, std::string_view rows) {
  auto out = data_finding(file, {},
                          fmt::format("The file has {} rows, but the manifest declares {}.", rows,
                                      file.declared.row_count.value_or(0)));
  out.code = "row_count_mismatch";
  return out;
}

executor::Refused unreadable_by_machinery(Error error) {
  if (is_refused_by_disk(error))
    error.message = "A data file cannot be read. Check its permissions and its disk.";
  return {std::move(error), {}};
}

namespace {

// Returns DuckDB's reason without its type, its hints and the location of the file.
std::string short_reason(const ResolvedFile& file, const Error& error) {
  std::string reason = error.detail;
  if (const auto end = reason.find(": "); end != std::string::npos) reason.erase(0, end + 2);
  // Further lines contain SQL, or hints about settings that cannot be changed here.
  reason = reason.substr(0, reason.find('\n'));
  replace_all(reason, fmt::format("Failed to read file \"{}\": ", file.location), "");
  replace_all(reason, file.location, without_query(file.declared.path));
  while (!reason.empty() && (reason.back() == ' ' || reason.back() == '.' || reason.back() == '!')) {
    reason.pop_back();
  }
  if (reason.empty()) reason = "its format is unknown";
  return cut(reason, kLongestReason);
}

}  // namespace

std::string parquet_reason(const ResolvedFile& file, const Error& error) {
  if (is_not_utf8(error))
    return "Cannot read the file: it contains text that is not UTF-8. Export it as UTF-8.";
  const auto reason = short_reason(file, error);
  const bool unsupported = error.detail.starts_with("Not implemented Error") ||
                           reason.find("nsupported") != std::string::npos ||
                           reason.find("ot supported") != std::string::npos;
  return fmt::format(
      "Cannot read the file: {}. {}", reason,
      unsupported
          ? "Export it unencrypted, with PLAIN or dictionary encoding and snappy, gzip or zstd compression."
          : "It may be damaged or incomplete. Export it again.");
}

catalog::Finding unexplained_refusal(const std::vector<ResolvedFile>& files, const Error& error) {
  // The text of a conversion error quotes the value, which may be a tenant.
  const bool quotes = error.detail.starts_with("Conversion Error") || is_not_utf8(error);
  const auto reason =
      quotes ? std::string("a value does not fit its declared type") : short_reason(files.front(), error);
  const auto others =
      files.size() == 1
          ? std::string()
          : fmt::format(" The error is in this file or in one of the {} files after it.", files.size() - 1);
  return data_finding(files.front(), {}, fmt::format("The data cannot be loaded: {}.{}", reason, others));
}

catalog::Finding parquet_refusal(const ResolvedFile& file, const Error& error) {
  return data_finding(file, {}, parquet_reason(file, error));
}

std::optional<catalog::Finding> first_misfit(Connection& connection, const ResolvedFile& file,
                                             const SourceColumn& column) {
  if (column.misfit.empty()) return std::nullopt;
  auto rows = connection.rows(fmt::format(
      "SELECT n, v FROM (SELECT file_row_number + 1 AS n, {} AS v, {} IS NOT NULL AND ({}) AS bad "
      "FROM {}) WHERE bad ORDER BY n LIMIT 1",
      column.secret ? "''" : fmt::format("left(CAST({} AS VARCHAR), 64)", column.raw), column.raw,
      column.misfit, parquet_reader_sql({&file}, true)));
  if (!rows || rows->empty()) return std::nullopt;
  const auto& row = rows->front();
  const auto value =
      column.secret ? std::string("a value") : fmt::format("the value {}", cut(row[1], kShownCharacters));
  return data_finding(file, column.name,
                      fmt::format("Row {}: {} of {} {}", row[0], value, column.name, column.reason));
}

catalog::Findings find_bad_parquet(Connection& connection, const ResolvedFile& file,
                                   const std::vector<SourceColumn>& columns) {
  catalog::Findings findings;
  for (const auto& column : columns) {
    if (column.raw == "NULL") continue;
    // Data that cannot be decoded fails before its values can be checked. A hash reads every value; a count
    // may use only the footer.
    auto read = connection.rows(
        fmt::format("SELECT bit_xor(hash({})) FROM {}", column.raw, parquet_reader_sql({&file})));
    if (!read) {
      if (is_machinery(read.error())) return findings;
      if (is_not_utf8(read.error())) {
        findings.push_back(not_utf8(connection, file, column));
        continue;
      }
      auto finding = parquet_refusal(file, read.error());
      finding.path = column.name;
      finding.message = fmt::format("Column {}: {}", column.name, finding.message);
      findings.push_back(std::move(finding));
      continue;
    }
    if (auto bad = first_misfit(connection, file, column)) findings.push_back(std::move(*bad));
  }
  return findings;
}

}  // namespace offloader::duckdb
