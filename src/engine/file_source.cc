#include "file_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "csv_source.h"
#include "offloader/base/url_text.h"

namespace offloader::engine {
namespace {

using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;

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

BuildFailure machinery(Error error) {
  if (is_refused_by_disk(error)) error.message = "A data file cannot be read: check its rights and its disk.";
  return {std::move(error), {}};
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

std::string parquet_reader_sql(const std::vector<const ResolvedFile*>& files, bool numbered) {
  return fmt::format("read_parquet({}, hive_partitioning=false{})", list_of(files),
                     numbered ? ", file_row_number=true" : "");
}

std::string reader_of(const SourceGroup& group) {
  if (group.csv != nullptr) return csv_reader_sql(*group.csv, group.files, group.csv_columns);
  return parquet_reader_sql(group.files);
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
    sql += " FROM " + reader_of(group);
  }
  return sql;
}

Result<catalog::Findings> check_csv_counts(Connection& connection, const FileSource& source,
                                           std::optional<std::int64_t> rows) {
  catalog::Findings findings;
  const bool alone = source.groups.size() == 1 && source.groups[0].files.size() == 1;
  for (const auto& group : source.groups) {
    for (const auto* file : group.files) {
      if (group.csv == nullptr || !file->declared.row_count) continue;
      auto actual = rows;
      if (!alone || !actual) {
        SourceGroup one = group;
        one.files = {file};
        auto count = connection.rows("SELECT count(*) FROM " + reader_of(one));
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
                                                     const manifest::Manifest& manifest, CsvFiles& csv,
                                                     const std::function<bool()>& interrupted) {
  FileSource source;
  catalog::Findings findings;
  auto csv_groups = inspect_csv(csv, dataset, manifest, interrupted, findings);
  if (!csv_groups) return tl::unexpected(machinery(std::move(csv_groups.error())));
  const auto warnings = std::ranges::stable_partition(
      findings, [](const auto& each) { return each.severity == catalog::Severity::error; });
  source.warnings.assign(warnings.begin(), warnings.end());
  findings.erase(warnings.begin(), warnings.end());
  std::vector<bool> seen(dataset.schema.size(), !csv.empty());
  // The column types of a Parquet file tell which files are alike.
  std::map<std::vector<std::vector<std::string>>, std::vector<const ResolvedFile*>> parquet;
  const auto declared = declared_types(dataset, manifest);

  for (const auto& file : csv.files()) {
    if (file.declared.format == FileFormat::csv) continue;
    auto columns = connection.rows("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " +
                                   parquet_reader_sql({&file}) + ")");
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
      auto count = connection.rows("SELECT count(*) FROM " + parquet_reader_sql({&file}));
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

  source.groups = std::move(*csv_groups);
  for (auto& [columns, members] : parquet) {
    SourceGroup group;
    group.files = members;
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

Result<catalog::Findings> find_bad_values(Connection& connection, const FileSource& source,
                                          const std::function<bool()>& interrupted) {
  catalog::Findings findings;
  for (const auto& group : source.groups) {
    const std::string number = "file_row_number + 1";
    for (const auto* file : group.files) {
      if (group.csv != nullptr) {
        auto input = group.csv->input(file->location, interrupted);
        if (!input) return fail(std::move(input.error()));
        auto found =
            diagnose_csv(**input, group.csv->dialect(), group, file->declared.path, interrupted);
        if (!found) return fail(std::move(found.error()));
        findings.insert(findings.end(), found->begin(), found->end());
        continue;
      }
      const auto reader = parquet_reader_sql({file}, true);
      // A damaged file, or text that is not UTF-8, fails before any value can be looked at.
      if (auto read = connection.rows("SELECT count(COLUMNS(*)) FROM " + reader); !read) {
        if (!is_machinery(read.error())) {
          findings.push_back(finding(file->declared.path, "schema_data_mismatch",
                                     "The file is damaged, or its text is not UTF-8."));
        }
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
