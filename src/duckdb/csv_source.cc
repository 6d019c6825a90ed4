#include "csv_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "offloader/base/identifier.h"
#include "offloader/base/url.h"
#include "offloader/manifest/column_match.h"
#include "text_functions.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using manifest::ResolvedFile;

constexpr std::size_t kLookedAt = 64;  // rows of each file that decide how to read it
constexpr std::size_t kNamesShown = 20;

// Returns the expression that parses a field (text_functions.h). VARCHAR needs no parser.
std::string csv_expression(const catalog::SizedType& type, const std::string& raw,
                           const manifest::CsvDialect& dialect) {
  switch (type.type) {
    case ColumnType::boolean:
      return "offloader_boolean(" + raw + ")";
    case ColumnType::integer:
      return "offloader_integer(" + raw + ")";
    case ColumnType::bigint:
      return "offloader_bigint(" + raw + ")";
    case ColumnType::float64:
      return (dialect.decimal == ',' ? "offloader_double_comma(" : "offloader_double(") + raw + ")";
    case ColumnType::date:
      if (!dialect.date_format.empty())
        return fmt::format("offloader_date_as({}, {})", raw, quote_literal(dialect.date_format));
      return "offloader_date(" + raw + ")";
    case ColumnType::timestamp:
      if (!dialect.timestamp_format.empty())
        return fmt::format("offloader_timestamp_as({}, {})", raw, quote_literal(dialect.timestamp_format));
      return "offloader_timestamp(" + raw + ")";
    case ColumnType::timestamptz:
      if (!dialect.timestamp_format.empty())
        return fmt::format("offloader_timestamptz_as({}, {})", raw, quote_literal(dialect.timestamp_format));
      return "offloader_timestamptz(" + raw + ")";
    case ColumnType::decimal:
      return fmt::format("CAST(offloader_decimal({}, {}) AS {})", raw,
                         quote_literal(decimal_format(type, dialect.decimal)), sql_type(type));
    case ColumnType::uuid:
      return "offloader_uuid(" + raw + ")";
    case ColumnType::varchar:
      return raw;
    case ColumnType::json:
      return "offloader_json(" + raw + ")";
  }
  return raw;
}

std::string sql_sign(char sign) {
  return sign == '\0' ? "''" : quote_literal(std::string(1, sign));
}

std::vector<std::string> names_of(const CsvRecord& record) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < record.count; ++i) names.push_back(record.fields[i].text);
  return names;
}

std::string shown_names(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    out += (i == 0 ? "" : ", ") + shown_value(names[i]);
  if (names.size() > kNamesShown) out += fmt::format(" and {} more", names.size() - kNamesShown);
  return out;
}

// Returns the name of a column in files: the manifest's `from`, then the dataset's, then the column's name.
std::string name_in_files(const catalog::Column& declared, const catalog::Dataset& dataset) {
  if (!declared.from.empty()) return declared.from;
  const auto own = std::ranges::find(dataset.schema, declared.name, &catalog::Column::name);
  return own == dataset.schema.end() ? declared.name : own->name_in_files();
}

}  // namespace

std::string shown_path(const manifest::DataFile& file) {
  if (!looks_like_url(file.path)) return file.path;
  return file.path.substr(0, file.path.find('?'));
}

catalog::Finding csv_finding(const std::string& file, std::string message, std::string hint,
                             std::string column) {
  catalog::Finding out;
  out.file = file;
  out.path = std::move(column);
  out.code = "schema_data_mismatch";
  out.message = std::move(message);
  out.hint = std::move(hint);
  return out;
}

catalog::Finding csv_finding(const std::string& file, const Error& error) {
  return csv_finding(file, error.message, error.detail);
}

std::optional<catalog::Finding> other_delimiter(const CsvRecord& header, const manifest::CsvDialect& dialect,
                                                const std::string& file) {
  if (header.count != 1) return std::nullopt;
  const std::string& line = header.fields[0].text;
  for (const char sign : {';', '\t', '|', ','}) {
    if (sign == dialect.delimiter || line.find(sign) == std::string::npos) continue;
    const std::string name = sign == '\t' ? "\\t" : std::string(1, sign);
    return csv_finding(
        file,
        fmt::format("Line 1: the fields are separated by `{}`, not by `{}`: {}", name,
                    dialect.delimiter == '\t' ? "\\t" : std::string(1, dialect.delimiter), shown_value(line)),
        fmt::format(
            "Set \"delimiter\": \"{0}\" in the manifest's csv block (manifest create --delimiter '{0}').",
            name));
  }
  return std::nullopt;
}

bool is_null(const CsvField& field, const manifest::CsvDialect& dialect) {
  return !field.quoted && std::ranges::find(dialect.nulls, field.text) != dialect.nulls.end();
}

bool has_columns(const CsvRecord& record, std::size_t columns, const manifest::CsvDialect& dialect) {
  return record.count >= columns &&
         std::all_of(record.fields.begin() + static_cast<std::ptrdiff_t>(columns),
                     record.fields.begin() + static_cast<std::ptrdiff_t>(record.count),
                     [&](const CsvField& field) { return is_null(field, dialect); });
}

std::string csv_reader_sql(const CsvFiles& csv, const std::vector<const ResolvedFile*>& files,
                           std::size_t columns) {
  const auto& dialect = csv.dialect();
  // The columns are text under our own names: the header has been read, and its names are not trusted in SQL.
  std::string declared;
  for (std::size_t i = 0; i < columns; ++i)
    declared += fmt::format("{}'c{}': 'VARCHAR'", i == 0 ? "" : ", ", i);
  std::string list;
  for (const auto* file : files)
    list += (list.empty() ? "" : ", ") + quote_literal(csv.path_in_sql(file->location));
  std::string nulls;
  for (const auto& text : nulls_for_duckdb(dialect))
    nulls += (nulls.empty() ? "" : ", ") + quote_literal(text);
  // DuckDB's limit is above the guard's, so that the guard reports a line that is too long.
  return fmt::format(
      "read_csv([{}], auto_detect=false, header={}, delim={}, quote={}, escape={}, comment='', nullstr=[{}], "
      "allow_quoted_nulls=false, strict_mode=true, null_padding=false, hive_partitioning=false, "
      "compression='none', max_line_size={}, buffer_size={}, parallel={}, columns={{{}}})",
      list, dialect.header, sql_sign(dialect.delimiter), sql_sign(dialect.quote), sql_sign(dialect.escape),
      nulls, kMaxCsvLine + 1000, 16 * kMaxCsvLine, !csv.reading().alone, declared);
}

std::vector<std::size_t> find_csv_columns(const CsvRecord& first, const catalog::Dataset& dataset,
                                          const manifest::Manifest& manifest, const std::string& file,
                                          catalog::Findings& findings) {
  std::vector<std::size_t> positions(manifest.schema.size());
  if (!manifest.csv.header) {
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = i;
    if (first.count != manifest.schema.size()) {
      findings.push_back(
          csv_finding(file,
                      fmt::format("Line 1 has {} fields, but the manifest's schema has {} columns.",
                                  first.count, manifest.schema.size()),
                      "Without a header, the schema must list every field in the order of the file."));
    }
  } else {
    if (manifest.schema.size() > 1) {
      if (auto found = other_delimiter(first, manifest.csv, file)) {
        findings.push_back(std::move(*found));
        return {};
      }
    }
    const auto names = names_of(first);
    std::vector<bool> used(names.size(), false);
    for (std::size_t i = 0; i < manifest.schema.size(); ++i) {
      const auto wanted = name_in_files(manifest.schema[i], dataset);
      const auto match = manifest::match_column(names, wanted);
      if (match.index) {
        positions[i] = *match.index;
        used[*match.index] = true;
      } else if (match.ambiguous) {
        findings.push_back(csv_finding(
            file, fmt::format("The header contains the column {} more than once.", shown_value(wanted)),
            "Give each column a unique name.", manifest.schema[i].name));
      } else {
        const auto near = nearest_match(wanted, names);
        findings.push_back(csv_finding(
            file,
            fmt::format("The header has no column {}. It has {}.", shown_value(wanted), shown_names(names)),
            near ? fmt::format("Did you mean {}? Then set \"from\": \"{}\" for the column.", *near, *near)
                 : "Add it to the export, or set `from` to its name in the files.",
            manifest.schema[i].name));
      }
    }
    std::vector<std::string> extra;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!used[i]) extra.push_back(names[i]);
    }
    if (!extra.empty()) {
      const bool exact = manifest.compatibility == manifest::Compatibility::exact;
      auto found = csv_finding(
          file,
          fmt::format("{} in the file but not in the manifest's schema{}: {}.",
                      extra.size() == 1 ? "A column is" : fmt::format("{} columns are", extra.size()),
                      exact ? "" : " and will be ignored", shown_names(extra)),
          exact ? "The compatibility_policy exact does not allow extra columns."
                : "Declare the columns that you want to serve.");
      if (!exact) found.severity = catalog::Severity::warning;
      findings.push_back(std::move(found));
    }
  }
  std::vector<std::size_t> out;
  for (const auto& column : dataset.schema) {
    const auto at = std::ranges::find(manifest.schema, column.name, &catalog::Column::name);
    if (at == manifest.schema.end()) {
      findings.push_back(csv_finding(
          file, fmt::format("Column {} is not in the manifest's schema.", column.name), "", column.name));
      return {};
    }
    out.push_back(positions[static_cast<std::size_t>(at - manifest.schema.begin())]);
  }
  return out;
}

Result<std::vector<SourceGroup>> inspect_csv(CsvFiles& csv, const catalog::Dataset& dataset,
                                             const manifest::Manifest& manifest,
                                             const std::function<bool()>& interrupted,
                                             catalog::Findings& findings) {
  // Files are alike if they have the same number of columns, with the contract's at the same positions.
  std::map<std::pair<std::size_t, std::vector<std::size_t>>, std::vector<const ResolvedFile*>> alike;
  for (const auto& file : csv.files()) {
    if (!csv.holds(file.location)) continue;
    auto input = csv.input(file.location, interrupted);
    if (!input) return fail(std::move(input.error()));
    CsvReader reader(**input, csv.dialect());
    CsvRecord record;
    auto read = reader.next(record);
    if (!read && read.error().code != ErrorCode::rejected) return fail(std::move(read.error()));
    if (!read) {
      findings.push_back(csv_finding(shown_path(file.declared), read.error()));
      continue;
    }
    if (!*read && csv.dialect().header) {
      findings.push_back(csv_finding(shown_path(file.declared), "The file is empty and has no header.",
                                     "Write a header even if there are no rows."));
      continue;
    }
    const std::size_t columns = *read ? record.count : manifest.schema.size();
    record.count = columns;
    const auto errors = std::ranges::count(findings, catalog::Severity::error, &catalog::Finding::severity);
    auto positions = find_csv_columns(record, dataset, manifest, shown_path(file.declared), findings);
    if (std::ranges::count(findings, catalog::Severity::error, &catalog::Finding::severity) > errors)
      continue;
    for (std::size_t i = 0; i < kLookedAt && *read; ++i) {
      auto next = reader.next(record);
      if (!next || !*next) break;
    }
    if (reader.quoted_line_ends()) csv.read_alone();
    if (reader.uneven_lines()) csv.make_lines_even();
    csv.expect_columns(file.location, columns);
    alike[{columns, std::move(positions)}].push_back(&file);
  }
  const auto types = declared_types(dataset, manifest);
  std::vector<SourceGroup> groups;
  for (auto& [layout, files] : alike) {
    SourceGroup group;
    group.csv = &csv;
    group.csv_columns = layout.first;
    group.files = files;
    for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
      const auto raw = fmt::format("c{}", layout.second[i]);
      const auto expression = csv_expression(types[i], raw, csv.dialect());
      group.columns.push_back({dataset.schema[i].name, raw, expression, expression});
      group.csv_fields.push_back(
          {dataset.schema[i].name, layout.second[i], types[i], dataset.tenant_column == i});
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace offloader::duckdb
