#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "csv_source.h"
#include "text_functions.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;

constexpr std::int64_t kRowsBetweenLooks = 4096;

std::string with_article(const catalog::SizedType& type) {
  const auto name = catalog::name_of(type);
  return (type == ColumnType::integer ? "an " : "a ") + name;
}

// Texts that producers use for missing values.
bool looks_missing(std::string_view text) {
  constexpr std::array<std::string_view, 12> kTexts = {"NA",  "N/A",  "n/a", "NULL", "null", "Null",
                                                       "\\N", "None", "nil", "-",    "#N/A", "?"};
  return std::ranges::find(kTexts, text) != kTexts.end();
}

std::string hint_for(const CsvColumn& column, std::string_view text, const manifest::CsvDialect& dialect) {
  if (looks_missing(text) && !column.secret) {
    return fmt::format(
        R"(If it means a missing value, set "null": ["", "{0}"] in the manifest's csv block (manifest create --null '{0}').)",
        text);
  }
  switch (column.type.type) {
    case ColumnType::boolean:
      return "Write true or false.";
    case ColumnType::integer:
    case ColumnType::bigint:
      if (text_fit(ColumnType::bigint, text, dialect) == TextFit::fits)
        return "Declare the column as BIGINT.";
      return "Publish whole numbers, or declare another type.";
    case ColumnType::float64:
    case ColumnType::decimal: {
      manifest::CsvDialect other = dialect;
      other.decimal = dialect.decimal == ',' ? '.' : ',';
      if (text_fit(column.type, text, other) == TextFit::fits) {
        return fmt::format(R"(Set "decimal": "{}" in the manifest's csv block{}.)", other.decimal,
                           other.decimal == ',' ? " (manifest create --decimal-comma)" : "");
      }
      if (column.type != ColumnType::decimal) return "Publish numbers, or declare another type.";
      if (text_fit(catalog::decimal_type(catalog::kMostDecimalDigits, column.type.size.scale), text,
                   dialect) == TextFit::fits) {
        return "Declare more digits.";
      }
      return text_fit(ColumnType::float64, text, dialect) == TextFit::fits
                 ? "Values are never rounded: publish at most the declared digits after the point, or "
                   "declare more."
                 : "Publish numbers, or declare another type.";
    }
    case ColumnType::date:
      return dialect.date_format.empty()
                 ? "Write YYYY-MM-DD, or set date_format in the manifest's csv block."
                 : fmt::format("The manifest's date_format is {}.", dialect.date_format);
    case ColumnType::timestamptz:
      if (dialect.timestamp_format.empty())
        return "Write YYYY-MM-DDTHH:MM:SS and Z or an offset, or set timestamp_format in the manifest's csv "
               "block.";
      [[fallthrough]];
    case ColumnType::timestamp:
      return dialect.timestamp_format.empty()
                 ? "Write YYYY-MM-DD HH:MM:SS, or set timestamp_format in the manifest's csv block."
                 : fmt::format("The manifest's timestamp_format is {}.", dialect.timestamp_format);
    case ColumnType::uuid:
      return "Write 36 characters, like 123e4567-e89b-12d3-a456-426614174000.";
    case ColumnType::json:
      return text.empty() ? "Leave the field empty, without quotes, if there is no document."
                          : "Publish valid JSON (RFC 8259).";
    case ColumnType::varchar:
      return {};
  }
  return {};
}

}  // namespace

catalog::Finding misfit_finding(const std::string& file, const CsvColumn& column, std::int64_t row,
                                std::int64_t line, std::string_view text,
                                const manifest::CsvDialect& dialect) {
  const auto fit = text_fit(column.type, text, dialect);
  const std::string what = fit == TextFit::out_of_years      ? "is outside the years 0001 to 9999"
                           : column.type == ColumnType::json ? "is not valid JSON"
                                                             : "is not " + with_article(column.type);
  const std::string value = column.secret ? std::string("the value") : "value \"" + shown_value(text) + "\"";
  auto out =
      csv_finding(file, fmt::format("Row {}: {} of {} {}.", row, value, column.name, what),
                  fit == TextFit::out_of_years ? "Publish a date in these years, or NULL for an open end."
                                               : hint_for(column, text, dialect),
                  column.name);
  out.line = static_cast<int>(std::min<std::int64_t>(line, std::numeric_limits<int>::max()));
  return out;
}

Result<catalog::Findings> diagnose_csv(ByteInput& input, const manifest::CsvDialect& dialect,
                                       const SourceGroup& group, const std::string& file,
                                       const std::function<bool()>& interrupted) {
  catalog::Findings findings;
  CsvReader reader(input, dialect);
  CsvRecord record;
  std::vector<bool> found(group.csv_fields.size(), false);
  for (std::int64_t row = dialect.header ? 0 : 1;; ++row) {
    if (row % kRowsBetweenLooks == 0 && interrupted && interrupted())
      return fail(ErrorCode::cancelled, "The build was cancelled.");
    auto read = reader.next(record);
    if (!read && read.error().code != ErrorCode::rejected) return fail(std::move(read.error()));
    if (!read) {
      findings.push_back(csv_finding(file, read.error()));
      return findings;
    }
    if (!*read) return findings;
    if (!has_columns(record, group.csv_columns, dialect)) {
      auto ragged = csv_finding(
          file,
          fmt::format("Line {} has {} field{}, {} {}.", record.line, record.count,
                      record.count == 1 ? "" : "s",
                      dialect.header ? "but the header has" : "but the first line has", group.csv_columns),
          "Quote fields that contain a delimiter or a line break.");
      ragged.line = static_cast<int>(std::min<std::int64_t>(record.line, std::numeric_limits<int>::max()));
      findings.push_back(std::move(ragged));
      return findings;
    }
    if (row == 0) continue;
    for (std::size_t i = 0; i < group.csv_fields.size(); ++i) {
      const CsvColumn& column = group.csv_fields[i];
      const CsvField& field = record.fields[column.position];
      if (found[i] || is_null(field, dialect) || text_fit(column.type, field.text, dialect) == TextFit::fits)
        continue;
      found[i] = true;
      findings.push_back(misfit_finding(file, column, row, record.line, field.text, dialect));
    }
  }
}

}  // namespace offloader::duckdb
