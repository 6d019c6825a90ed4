#include "parquet_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "offloader/manifest/column_match.h"
#include "parquet_refusal.h"
#include "parquet_types.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;

manifest::ColumnMatch match(const std::vector<ParquetColumn>& columns, const std::string& wanted) {
  return manifest::match_column(columns, wanted, &ParquetColumn::name);
}

// Returns the name of each of the contract's columns in files: the manifest's `from`, otherwise the dataset's
// name.
std::vector<std::string> names_in_files(const catalog::Dataset& dataset, const manifest::Manifest& manifest) {
  std::vector<std::string> names;
  for (const auto& column : dataset.schema) {
    const auto declared = std::ranges::find(manifest.schema, column.name, &catalog::Column::name);
    const bool renamed = declared != manifest.schema.end() && !declared->from.empty();
    names.push_back(renamed ? declared->from : column.name_in_files());
  }
  return names;
}

// Returns the end of the subtree that begins at `at`, in the rows (name, children, type) of parquet_schema().
std::size_t end_of(const std::vector<std::vector<std::string>>& rows, std::size_t at) {
  std::size_t open = 1;
  for (; at < rows.size() && open > 0; ++at) {
    const auto& children = rows[at][1];
    open += children.empty() ? 0 : std::strtoul(children.c_str(), nullptr, 10);
    --open;
  }
  return at;
}

}  // namespace

Result<std::vector<ParquetColumn>> parquet_columns(Connection& connection, const ResolvedFile& file) {
  auto described = connection.rows("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " +
                                   parquet_reader_sql({&file}) + ")");
  if (!described) return fail(std::move(described.error()));
  // DESCRIBE renames columns that differ only by case, and hides the logical type NULL.
  auto schema = connection.rows(
      fmt::format("SELECT name, num_children, duckdb_type FROM parquet_schema({})", file_list({&file})));
  if (!schema) return fail(std::move(schema.error()));
  std::vector<ParquetColumn> columns;
  for (std::size_t at = 1; at < schema->size(); at = end_of(*schema, at)) {
    columns.push_back({(*schema)[at][0], {}, (*schema)[at][2] == "\"NULL\"" ? std::string(kNullType) : ""});
  }
  if (columns.size() != described->size()) columns.assign(described->size(), {});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].sql = (*described)[i][0];
    if (columns[i].name.empty()) columns[i].name = columns[i].sql;
    if (columns[i].type.empty()) columns[i].type = (*described)[i][1];
  }
  return columns;
}

SourceColumn source_column(const std::string& name, const std::string& wanted,
                           const catalog::SizedType& declared, const std::vector<ParquetColumn>& columns) {
  SourceColumn out;
  out.name = name;
  out.declared = declared;
  const auto found = match(columns, wanted).index;
  if (!found || columns[*found].type == kNullType) {
    out.raw = "NULL";
    out.expression = out.loaded = fmt::format("CAST(NULL AS {})", sql_type(declared));
    return out;
  }
  const auto& column = columns[*found];
  out.raw = quote_identifier(column.sql);
  auto reading = parquet_reading(declared, column.type, out.raw);
  if (!reading) return out;
  out.in_file = column.name;
  out.expression = std::move(reading->scanned);
  out.guarded = std::move(reading->guarded);
  out.loaded = std::move(reading->loaded);
  out.misfit = std::move(reading->misfit);
  out.reason = std::move(reading->reason);
  return out;
}

tl::expected<std::vector<SourceGroup>, executor::Refused> inspect_parquet(
    Connection& connection, const catalog::Dataset& dataset, const manifest::Manifest& manifest,
    const std::vector<ResolvedFile>& files, std::vector<bool>& seen, catalog::Findings& findings) {
  const auto declared = declared_types(dataset, manifest);
  const auto names = names_in_files(dataset, manifest);
  // Files with equal columns are alike.
  std::map<std::vector<ParquetColumn>, std::vector<const ResolvedFile*>> alike;
  for (const auto& file : files) {
    if (file.declared.format != FileFormat::parquet) continue;
    auto columns = parquet_columns(connection, file);
    if (!columns) {
      if (is_machinery(columns.error())) {
        return tl::unexpected(unreadable_by_machinery(std::move(columns.error())));
      }
      findings.push_back(parquet_refusal(file, columns.error()));
      continue;
    }
    for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
      const auto& name = dataset.schema[i].name;
      const auto found = match(*columns, names[i]);
      seen[i] = seen[i] || found.index || found.ambiguous;
      if (found.ambiguous) {
        findings.push_back(data_finding(
            file, name,
            fmt::format("More than one column of the file is named {} if case is ignored. Rename them.",
                        names[i])));
        continue;
      }
      if (!found.index) continue;
      const auto& column = (*columns)[*found.index];
      if (parquet_reading(declared[i], column.type, "c")) continue;
      findings.push_back(
          data_finding(file, name,
                       fmt::format("Column {} has the type {} in the file, which cannot be read as {}. {}",
                                   column.name, column.type, catalog::name_of(declared[i]),
                                   parquet_type_advice(declared[i], column.type))));
    }
    if (file.declared.row_count) {
      auto count = connection.rows("SELECT count(*) FROM " + parquet_reader_sql({&file}));
      if (!count) {
        if (is_machinery(count.error()))
          return tl::unexpected(unreadable_by_machinery(std::move(count.error())));
        findings.push_back(parquet_refusal(file, count.error()));
        continue;
      }
      if ((*count)[0][0] != std::to_string(*file.declared.row_count)) {
        findings.push_back(row_count_finding(file, (*count)[0][0]));
      }
    }
    alike[std::move(*columns)].push_back(&file);
  }
  std::vector<SourceGroup> groups;
  for (auto& [columns, members] : alike) {
    SourceGroup group;
    group.files = members;
    for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
      group.columns.push_back(source_column(dataset.schema[i].name, names[i], declared[i], columns));
      group.columns.back().secret = dataset.tenant_column == i;
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

tl::expected<void, executor::Refused> check_date_bounds(Connection& connection, FileSource& source) {
  catalog::Findings findings;
  for (auto& group : source.groups) {
    if (group.csv != nullptr) continue;
    for (auto& column : group.columns) {
      if (column.guarded == column.expression || column.in_file.empty()) continue;
      const bool date = column.declared == ColumnType::date;
      // For each file: whether every row group has bounds within the years or no values, and whether one is
      // out of bounds.
      auto bounds = connection.rows(fmt::format(
          "SELECT file_name, coalesce(bool_and(coalesce(low >= lowest AND high <= highest, nulls = n, "
          "false)), true), coalesce(bool_or(low < lowest OR high > highest), false) FROM (SELECT file_name, "
          "TRY_CAST(stats_min_value AS {0}) AS low, TRY_CAST(stats_max_value AS {0}) AS high, "
          "stats_null_count AS nulls, num_values AS n, {0} '{1}' AS lowest, {0} '{2}' AS highest FROM "
          "parquet_metadata({3}) WHERE path_in_schema = {4}) GROUP BY file_name",
          date ? "DATE" : "TIMESTAMP", date ? "0001-01-01" : "0001-01-01 00:00:00",
          date ? "9999-12-31" : "9999-12-31 23:59:59.999999", file_list(group.files),
          quote_literal(column.in_file)));
      if (!bounds) {
        if (is_machinery(bounds.error()))
          return tl::unexpected(unreadable_by_machinery(std::move(bounds.error())));
        // DuckDB returns no bounds if any name in the metadata is not UTF-8. It can still read such a file.
        column.expression = column.guarded;
        continue;
      }
      bool proven = bounds->size() == group.files.size();
      for (const auto& row : *bounds) {
        proven = proven && row[1] == "true";
        if (row[2] != "true") continue;
        const auto file = std::ranges::find(group.files, row[0], &ResolvedFile::location);
        if (file == group.files.end()) continue;
        auto bad = first_misfit(connection, **file, column);
        findings.push_back(bad ? std::move(*bad)
                               : data_finding(**file, column.name,
                                              fmt::format("A value of {} {}", column.name, column.reason)));
      }
      if (!proven) column.expression = column.guarded;
    }
  }
  if (findings.empty()) return {};
  return tl::unexpected(
      executor::Refused{{ErrorCode::rejected, "The snapshot's data was rejected.", {}}, std::move(findings)});
}

}  // namespace offloader::duckdb
