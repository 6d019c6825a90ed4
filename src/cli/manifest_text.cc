#include "manifest_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "console.h"
#include "offloader/manifest/column_match.h"

namespace offloader::cli {
namespace {

using catalog::Column;
using catalog::ColumnType;
using catalog::SizedType;
using manifest::FileFormat;

// Returns the DECIMAL that holds both types, of which one is a DECIMAL and the other a DECIMAL or an integer;
// nullopt if it would need more than 38 digits.
std::optional<SizedType> common_decimal(const SizedType& a, const SizedType& b) {
  const auto whole = [](const SizedType& type) {
    if (type == ColumnType::decimal) return type.size.whole();
    return type == ColumnType::integer ? 10 : 19;
  };
  const int scale = std::max(a.size.scale, b.size.scale);
  const int precision = std::max(whole(a), whole(b)) + scale;
  if (precision > catalog::kMostDecimalDigits) return std::nullopt;
  return catalog::decimal_type(precision, scale);
}

// Returns the type that columns of both types can be loaded as, or nullopt.
std::optional<SizedType> common_type(const SizedType& a, const SizedType& b, bool csv) {
  if (a == b) return a;
  const auto pair = [&](ColumnType x, ColumnType y) { return (a == x && b == y) || (a == y && b == x); };
  if (pair(ColumnType::integer, ColumnType::bigint)) return ColumnType::bigint;
  if (catalog::is_numeric(a) && catalog::is_numeric(b)) {
    if (a == ColumnType::float64 || b == ColumnType::float64) return ColumnType::float64;
    const auto decimal = common_decimal(a, b);
    return decimal ? *decimal : SizedType(ColumnType::float64);
  }
  if (pair(ColumnType::date, ColumnType::timestamp) || pair(ColumnType::date, ColumnType::timestamptz))
    return ColumnType::timestamp;
  if (pair(ColumnType::timestamp, ColumnType::timestamptz)) return ColumnType::timestamptz;
  if (pair(ColumnType::uuid, ColumnType::varchar)) return ColumnType::varchar;
  // Every CSV field can be read as text.
  if (csv) return ColumnType::varchar;
  return std::nullopt;
}

bool has_exactly(const std::vector<Column>& columns, std::string_view name) {
  return std::ranges::find(columns, name, &Column::name) != columns.end();
}

// Returns the `csv` block with the fields that differ from RFC 4180, or an empty text if none does.
std::string csv_block(const manifest::CsvDialect& csv) {
  const manifest::CsvDialect standard;
  std::vector<std::string> fields;
  if (csv.delimiter != standard.delimiter)
    fields.push_back("\"delimiter\": " + json_quoted(std::string(1, csv.delimiter)));
  if (csv.encoding != standard.encoding)
    fields.push_back("\"encoding\": " + json_quoted(manifest::name_of(csv.encoding)));
  if (csv.nulls != standard.nulls) {
    std::string list;
    for (const std::string& text : csv.nulls) list += (list.empty() ? "" : ", ") + json_quoted(text);
    fields.push_back("\"null\": [" + list + "]");
  }
  if (csv.decimal != standard.decimal)
    fields.push_back("\"decimal\": " + json_quoted(std::string(1, csv.decimal)));
  return fields.empty() ? "" : fmt::format("  \"csv\": {{{}}},\n", fmt::join(fields, ", "));
}

}  // namespace

std::string to_text(const ManifestDraft& draft) {
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  std::string schema;
  std::string files;
  for (const Column& column : draft.schema) {
    schema += fmt::format("{}    {{\"name\": {}, \"type\": \"{}\"{}}}", schema.empty() ? "" : ",\n",
                          json_quoted(column.name), catalog::name_of(column.type),
                          column.from.empty() ? "" : ", \"from\": " + json_quoted(column.from));
  }
  for (const ManifestFile& file : draft.files) {
    rows += file.rows;
    bytes += file.bytes;
    files += fmt::format("{}    {{\"path\": {}, \"format\": \"{}\", \"row_count\": {}, \"size_bytes\": {}}}",
                         files.empty() ? "" : ",\n", json_quoted(file.path), manifest::name_of(file.format),
                         file.rows, file.bytes);
  }
  return fmt::format(
      "{{\n  \"dataset_id\": {},\n  \"snapshot_id\": {},\n  \"created_at\": {},\n  \"watermark\": {},\n  "
      "\"schema\": "
      "[\n{}\n  ],\n{}  \"files\": [\n{}\n  ],\n  \"partition_columns\": [],\n  \"sort_columns\": [],\n  "
      "\"row_count\": {},\n"
      "  \"size_bytes\": {},\n  \"producer\": {},\n  \"upstream_run_id\": {},\n  \"schema_version\": 1,\n"
      "  \"data_quality_status\": \"passed\",\n  \"compatibility_policy\": \"additive_only\"\n}}\n",
      json_quoted(draft.dataset), json_quoted(draft.snapshot_id), json_quoted(draft.created_at),
      json_quoted(draft.watermark), schema, csv_block(draft.csv), files, rows, bytes,
      json_quoted(draft.producer), json_quoted(draft.snapshot_id));
}

std::optional<FileFormat> format_of(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name.ends_with(".parquet")) return FileFormat::parquet;
  for (const char* end : {".csv", ".csv.gz", ".csv.zst"}) {
    if (name.ends_with(end)) return FileFormat::csv;
  }
  return std::nullopt;
}

Result<Described> describe_files(const std::vector<std::string>& paths,
                                 const duckdb::DescribeOptions& options, std::vector<std::string>& notes) {
  Described out;
  std::set<std::filesystem::path> seen;
  std::set<std::string> valueless;  // columns without a value in any file so far
  for (const std::string& path : paths) {
    const auto format = format_of(path);
    if (!format) {
      return fail(ErrorCode::invalid_param, path + " does not end in .csv, .csv.gz, .csv.zst or .parquet");
    }
    std::error_code error;
    // Compare canonical paths: ./a.csv or a link to a.csv has the same rows.
    if (const auto real = std::filesystem::canonical(path, error); !error && !seen.insert(real).second)
      return fail(ErrorCode::rejected, path + " is given twice: its rows would be served twice");
    auto found = duckdb::describe_file(path, *format, options);
    if (!found) return fail(found.error());
    out.findings.insert(out.findings.end(), found->findings.begin(), found->findings.end());
    for (const std::string& renamed : found->renamed) notes.push_back(path + ": " + renamed);
    std::string left_out;
    for (const std::string& ignored : found->ignored) {
      notes.push_back(path + ": left out " + ignored);
      left_out += (left_out.empty() ? ": " : "; ") + ignored;
    }
    const bool csv = *format == FileFormat::csv;
    const bool first = out.files.empty();
    if (csv && !first && found->columns.size() != out.schema.size())
      return fail(ErrorCode::rejected, path + " does not have the same columns as " + out.files.front().path);
    for (const Column& column : found->columns) {
      // A column without values in this file fits any type in the other files.
      const bool empty =
          std::find(found->valueless.begin(), found->valueless.end(), column.name) != found->valueless.end();
      // Like a load, match a column of a Parquet file ignoring case if no other column has the exact name.
      auto known = std::ranges::find(out.schema, column.name, &Column::name);
      if (known == out.schema.end() && !csv) {
        const auto match = manifest::match_column(out.schema, column.name, &Column::name);
        if (match.index) known = out.schema.begin() + static_cast<std::ptrdiff_t>(*match.index);
        if (known != out.schema.end() && has_exactly(found->columns, known->name)) {
          return fail(ErrorCode::rejected,
                      fmt::format("{}: the columns {} and {} differ only in case; rename one of them", path,
                                  known->name, column.name));
        }
      }
      if (known == out.schema.end()) {
        if (csv && !first) {
          return fail(ErrorCode::rejected, fmt::format("{} has a column {} that {} does not have", path,
                                                       column.name, out.files.front().path));
        }
        out.schema.push_back(column);
        if (empty) valueless.insert(column.name);
        continue;
      }
      if (empty) continue;
      if (valueless.erase(column.name) > 0) {
        known->type = column.type;
        continue;
      }
      const auto type = common_type(known->type, column.type, csv);
      if (!type) {
        return fail(ErrorCode::rejected,
                    fmt::format("column {} is {} in {} and {} in another file", column.name,
                                catalog::name_of(column.type), path, catalog::name_of(known->type)));
      }
      if (*type != known->type) {
        notes.push_back(
            fmt::format("column {} is {} because of {}", column.name, catalog::name_of(*type), path));
        known->type = *type;
      }
    }
    if (out.schema.empty())
      return fail(ErrorCode::rejected, path + " has no column that a dataset can have" + left_out);
    out.files.push_back({path, *format, found->rows, found->bytes});
  }
  return out;
}

}  // namespace offloader::cli
