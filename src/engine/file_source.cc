#include "file_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "offloader/base/url_text.h"

namespace offloader::engine {
namespace {

using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;

// The parser of text_functions.h for a CSV field; VARCHAR needs none.
std::string csv_expression(ColumnType type, const std::string& raw) {
  switch (type) {
    case ColumnType::boolean:
      return "offloader_boolean(" + raw + ")";
    case ColumnType::integer:
      return "offloader_integer(" + raw + ")";
    case ColumnType::bigint:
      return "offloader_bigint(" + raw + ")";
    case ColumnType::float64:
      return "offloader_double(" + raw + ")";
    case ColumnType::date:
      return "offloader_date(" + raw + ")";
    case ColumnType::timestamp:
      return "offloader_timestamp(" + raw + ")";
    case ColumnType::varchar:
      return raw;
    case ColumnType::json:
      return "offloader_json(" + raw + ")";
  }
  return raw;
}

bool is_integer(std::string_view type) {
  constexpr std::string_view kIntegers[] = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",  "HUGEINT",
                                            "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"};
  return std::ranges::find(kIntegers, type) != std::end(kIntegers);
}

bool is_nested(std::string_view type) {
  return type.ends_with("]") || type.starts_with("STRUCT(") || type.starts_with("MAP(");
}

bool accepts(ColumnType declared, std::string_view type) {
  switch (declared) {
    case ColumnType::boolean:
      return type == "BOOLEAN";
    case ColumnType::integer:
    case ColumnType::bigint:
      return is_integer(type);
    case ColumnType::float64:
      return type == "FLOAT" || type == "DOUBLE" || type.starts_with("DECIMAL(") || is_integer(type);
    case ColumnType::date:
      return type == "DATE";
    case ColumnType::timestamp:
      return type.starts_with("TIMESTAMP") || type == "DATE";
    case ColumnType::varchar:
      return type == "VARCHAR" || type == "UUID" || type.starts_with("ENUM(");
    case ColumnType::json:
      return type == "JSON" || type == "VARCHAR" || is_nested(type);
  }
  return false;
}

std::string parquet_expression(ColumnType declared, std::string_view type, const std::string& raw) {
  // -0.0 and 0.0 are equal, so which of the two a sort or a group shows would be anybody's guess: only 0.0 is
  // kept.
  if (declared == ColumnType::float64) return fmt::format("(CAST({} AS DOUBLE) + CAST(0 AS DOUBLE))", raw);
  if (declared != ColumnType::json) return fmt::format("CAST({} AS {})", raw, sql_type(declared));
  if (is_nested(type)) return fmt::format("offloader_json(CAST(to_json({}) AS VARCHAR))", raw);
  return fmt::format("offloader_json(CAST({} AS VARCHAR))", raw);
}

std::string finite_only(ColumnType declared, const std::string& expression) {
  if (declared != ColumnType::date && declared != ColumnType::timestamp) return expression;
  return fmt::format("CASE WHEN isinf({0}) THEN error('an infinite date') ELSE {0} END", expression);
}

catalog::Finding finding(std::string file, std::string code, std::string message, std::string path = {}) {
  catalog::Finding out;
  out.file = without_query(file);  // of a presigned URL a credential
  out.path = std::move(path);
  out.code = std::move(code);
  out.message = std::move(message);
  return out;
}

// DuckDB tells the line where a CSV file stops being one.
catalog::Finding unreadable(const ResolvedFile& file, const std::string& detail) {
  constexpr std::string_view kLine = "CSV Error on Line: ";
  std::string message = "The file is damaged, or its text is not UTF-8.";
  if (file.declared.format == FileFormat::csv) {
    message = "This is not CSV as RFC 4180 has it, in UTF-8, with the declared columns.";
    if (const auto at = detail.find(kLine); at != std::string::npos) {
      const auto digits = at + kLine.size();
      const auto line = detail.substr(digits, detail.find_first_not_of("0123456789", digits) - digits);
      message = line == "1" ? "The header has not exactly the declared columns, or the file is no CSV."
                            : "Line " + line + ": " + message;
    }
  }
  return finding(file.declared.path, "schema_data_mismatch", std::move(message));
}

BuildFailure machinery(Error error) {
  if (is_refused_by_disk(error)) error.message = "A data file cannot be read: check its rights and its disk.";
  return {std::move(error), {}};
}

// `in_order` reads with one thread: with more, the first row that arrives need not be the file's first.
std::string csv_reader(const std::string& file_list, std::size_t columns, bool header, bool in_order,
                       std::string_view more = {}) {
  // Columns are text under names of our own: the header has been compared, its spelling is not trusted twice.
  std::string declared;
  for (std::size_t i = 0; i < columns; ++i) {
    declared += fmt::format("{}'c{}': 'VARCHAR'", i == 0 ? "" : ", ", i);
  }
  return fmt::format(
      "read_csv({}, auto_detect=false, header={}, delim=',', quote='\"', escape='\"', comment='', "
      "nullstr='', "
      "allow_quoted_nulls=false, strict_mode=true, null_padding=false, "
      "hive_partitioning=false, "
      "parallel={}{}, columns={{{}}})",
      file_list, header, !in_order, more, declared);
}

// DuckDB expands patterns in file names; a bracket makes each such character itself.
std::string as_pattern(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      out += std::string("[") + c + "]";
    } else {
      out += c;
    }
  }
  return out;
}

std::string list_of(const std::vector<const ResolvedFile*>& files) {
  std::string list = "[";
  for (const auto* file : files) {
    if (list.size() > 1) list += ", ";
    list += quote_literal(as_pattern(file->location));
  }
  return list + "]";
}

// The names in a CSV file's first record.
Result<std::vector<std::string>> read_header(Connection& connection, const ResolvedFile& file,
                                             std::size_t columns) {
  // The reader fetches as much as its buffer holds, by default 32 MB, of which only the first line is wanted.
  auto rows = connection.rows("SELECT * FROM " +
                              csv_reader(list_of({&file}), columns, false, true, ", buffer_size=2097152") +
                              " LIMIT 1");
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty()) return std::vector<std::string>{};
  return std::move(rows->front());
}

}  // namespace

const char* sql_type(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return "BOOLEAN";
    case ColumnType::integer:
      return "INTEGER";
    case ColumnType::bigint:
      return "BIGINT";
    case ColumnType::float64:
      return "DOUBLE";
    case ColumnType::date:
      return "DATE";
    case ColumnType::timestamp:
      return "TIMESTAMP";
    case ColumnType::varchar:
    case ColumnType::json:
      return "VARCHAR";
  }
  return "VARCHAR";
}

std::string reader_of(const std::vector<const ResolvedFile*>& files, std::size_t csv_columns, bool numbered) {
  if (csv_columns > 0) return csv_reader(list_of(files), csv_columns, true, numbered);
  return fmt::format("read_parquet({}, hive_partitioning=false{})", list_of(files),
                     numbered ? ", file_row_number=true" : "");
}

std::vector<std::string> paths_of(const std::vector<ResolvedFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files) {
    paths.push_back(file.location);
    // DuckDB asks for the pattern before it asks for what matches.
    if (auto pattern = as_pattern(file.location); pattern != file.location)
      paths.push_back(std::move(pattern));
  }
  return paths;
}

std::vector<ColumnType> declared_types(const catalog::Dataset& dataset, const manifest::Manifest& manifest) {
  std::vector<ColumnType> types;
  for (const auto& column : dataset.schema) {
    const auto found = std::ranges::find(manifest.schema, column.name, &catalog::Column::name);
    types.push_back(found == manifest.schema.end() ? column.type : found->type);
  }
  return types;
}

std::string FileSource::select(Use use) const {
  std::string sql;
  for (const auto& group : groups) {
    if (!sql.empty()) sql += " UNION ALL ";
    sql += "SELECT ";
    for (std::size_t i = 0; i < group.columns.size(); ++i) {
      const auto& column = group.columns[i];
      if (i > 0) sql += ", ";
      sql += (use == Use::load ? column.loaded : column.expression) + " AS " + quote_identifier(column.name);
    }
    sql += " FROM " + reader_of(group.files, group.csv_columns);
  }
  return sql;
}

Result<catalog::Findings> check_csv_counts(Connection& connection, const FileSource& source,
                                           std::optional<std::int64_t> rows) {
  catalog::Findings findings;
  const bool alone = source.groups.size() == 1 && source.groups[0].files.size() == 1;
  for (const auto& group : source.groups) {
    for (const auto* file : group.files) {
      if (group.csv_columns == 0 || !file->declared.row_count) continue;
      auto actual = rows;
      if (!alone || !actual) {
        auto count = connection.rows("SELECT count(*) FROM " + reader_of({file}, group.csv_columns));
        if (!count) return fail(std::move(count.error()));
        actual = std::stoll((*count)[0][0]);
      }
      if (*actual == *file->declared.row_count) continue;
      findings.push_back(finding(
          file->declared.path, "row_count_mismatch",
          fmt::format("The file has {} rows, the manifest says {}.", *actual, *file->declared.row_count)));
    }
  }
  return findings;
}

tl::expected<FileSource, BuildFailure> inspect_files(Connection& connection, const catalog::Dataset& dataset,
                                                     const manifest::Manifest& manifest,
                                                     const std::vector<ResolvedFile>& files) {
  catalog::Findings findings;
  std::vector<bool> seen(dataset.schema.size(), false);
  // The column order of a CSV header, or the column types of a Parquet file, tells which files are alike.
  std::map<std::vector<std::string>, std::vector<const ResolvedFile*>> csv;
  std::map<std::vector<std::vector<std::string>>, std::vector<const ResolvedFile*>> parquet;
  const auto declared = declared_types(dataset, manifest);

  for (const auto& file : files) {
    if (file.declared.format == FileFormat::csv) {
      auto header = read_header(connection, file, manifest.schema.size());
      if (!header) {
        if (is_machinery(header.error())) return tl::unexpected(machinery(std::move(header.error())));
        findings.push_back(unreadable(file, header.error().detail));
        continue;
      }
      std::vector<std::string> names;
      for (const auto& column : manifest.schema) names.push_back(column.name);
      auto sorted = *header;
      std::ranges::sort(sorted);
      std::ranges::sort(names);
      if (sorted != names) {
        findings.push_back(finding(file.declared.path, "schema_data_mismatch",
                                   "The header has not exactly the declared columns."));
        continue;
      }
      csv[*header].push_back(&file);
      std::fill(seen.begin(), seen.end(), true);
      continue;
    }
    auto columns = connection.rows("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " +
                                   reader_of({&file}, 0) + ")");
    if (!columns) {
      if (is_machinery(columns.error())) return tl::unexpected(machinery(std::move(columns.error())));
      findings.push_back(
          finding(file.declared.path, "schema_data_mismatch", "The file is no readable Parquet file."));
      continue;
    }
    for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
      const auto found =
          std::ranges::find_if(*columns, [&](const auto& row) { return row[0] == dataset.schema[i].name; });
      if (found == columns->end()) continue;
      seen[i] = true;
      if (!accepts(declared[i], (*found)[1])) {
        findings.push_back(finding(
            file.declared.path, "schema_data_mismatch",
            fmt::format("Column {} is {} in the file and cannot be read as {}.", dataset.schema[i].name,
                        (*found)[1], declared[i] == ColumnType::json ? "JSON" : sql_type(declared[i])),
            dataset.schema[i].name));
      }
    }
    if (file.declared.row_count) {
      auto count = connection.rows("SELECT count(*) FROM " + reader_of({&file}, 0));
      if (!count) return tl::unexpected(machinery(std::move(count.error())));
      if ((*count)[0][0] != std::to_string(*file.declared.row_count)) {
        findings.push_back(finding(file.declared.path, "row_count_mismatch",
                                   fmt::format("The file has {} rows, the manifest says {}.", (*count)[0][0],
                                               *file.declared.row_count)));
      }
    }
    parquet[*columns].push_back(&file);
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i] && findings.empty()) {
      findings.push_back(finding("", "schema_data_mismatch",
                                 fmt::format("Column {} is in none of the files.", dataset.schema[i].name),
                                 dataset.schema[i].name));
    }
  }
  if (!findings.empty()) {
    return tl::unexpected(BuildFailure{
        {ErrorCode::rejected, "The snapshot's files do not fit its manifest.", {}}, std::move(findings)});
  }

  FileSource source;
  for (auto& [header, members] : csv) {
    SourceGroup group{manifest.schema.size(), members, {}};
    for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
      const auto& name = dataset.schema[i].name;
      const auto raw = fmt::format("c{}", std::ranges::find(header, name) - header.begin());
      const auto expression = csv_expression(declared[i], raw);
      group.columns.push_back({name, raw, expression, expression});
    }
    source.groups.push_back(std::move(group));
  }
  for (auto& [columns, members] : parquet) {
    SourceGroup group{0, members, {}};
    for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
      const auto& name = dataset.schema[i].name;
      const auto found = std::ranges::find_if(columns, [&](const auto& row) { return row[0] == name; });
      if (found == columns.end()) {
        const auto null = fmt::format("CAST(NULL AS {})", sql_type(declared[i]));
        group.columns.push_back({name, "NULL", null, null});
      } else {
        const auto raw = quote_identifier(name);
        const auto expression = parquet_expression(declared[i], (*found)[1], raw);
        group.columns.push_back({name, raw, expression, finite_only(declared[i], expression)});
      }
    }
    source.groups.push_back(std::move(group));
  }
  return source;
}

catalog::Findings find_bad_values(Connection& connection, const FileSource& source) {
  catalog::Findings findings;
  for (const auto& group : source.groups) {
    const std::string number = group.csv_columns > 0 ? "row_number() OVER ()" : "file_row_number + 1";
    for (const auto* file : group.files) {
      const auto reader = reader_of({file}, group.csv_columns, true);
      // Text that is no CSV or no UTF-8 fails before any value can be looked at.
      if (auto read = connection.rows("SELECT count(COLUMNS(*)) FROM " + reader); !read) {
        if (!is_machinery(read.error())) findings.push_back(unreadable(*file, read.error().detail));
        continue;
      }
      for (const auto& column : group.columns) {
        if (column.loaded == column.raw || column.raw == "NULL") continue;
        // TRY takes no error(), so what `loaded` adds is said in other words.
        const auto misfit = column.loaded == column.expression
                                ? fmt::format("TRY({}) IS NULL", column.expression)
                                : fmt::format("coalesce(isinf(TRY({})), true)", column.expression);
        auto rows = connection.rows(
            fmt::format("SELECT n FROM (SELECT {} AS n, {} IS NOT NULL AND {} AS bad FROM {}) "
                        "WHERE bad ORDER BY n LIMIT 1",
                        number, column.raw, misfit, reader));
        if (rows && !rows->empty()) {
          findings.push_back(finding(file->declared.path, "schema_data_mismatch",
                                     fmt::format("Row {}: the value of {} does not fit its declared type.",
                                                 (*rows)[0][0], column.name),
                                     column.name));
        }
      }
    }
  }
  return findings;
}

}  // namespace offloader::engine
