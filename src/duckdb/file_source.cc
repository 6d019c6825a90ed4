#include "file_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "csv_source.h"
#include "parquet_refusal.h"
#include "parquet_source.h"

namespace offloader::duckdb {
namespace {

using catalog::SizedType;
using manifest::FileFormat;
using manifest::ResolvedFile;

// DuckDB expands patterns in file names. In brackets, a special character stands for itself.
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

}  // namespace

std::string file_list(const std::vector<const ResolvedFile*>& files) {
  std::string list = "[";
  for (const auto* file : files) {
    if (list.size() > 1) list += ", ";
    list += quote_literal(as_pattern(file->location));
  }
  return list + "]";
}

std::string parquet_reader_sql(const std::vector<const ResolvedFile*>& files, bool numbered) {
  return fmt::format("read_parquet({}, hive_partitioning=false{})", file_list(files),
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
    // DuckDB checks access to the pattern before it checks its matches.
    if (auto pattern = as_pattern(file.location); pattern != file.location)
      paths.push_back(std::move(pattern));
  }
  return paths;
}

std::vector<SizedType> declared_types(const catalog::Dataset& dataset, const manifest::Manifest& manifest) {
  std::vector<SizedType> types;
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
      findings.push_back(row_count_finding(*file, std::to_string(*actual)));
    }
  }
  return findings;
}

tl::expected<FileSource, executor::Refused> inspect_files(Connection& connection,
                                                          const catalog::Dataset& dataset,
                                                          const manifest::Manifest& manifest, CsvFiles& csv,
                                                          const std::function<bool()>& interrupted) {
  FileSource source;
  catalog::Findings findings;
  auto csv_groups = inspect_csv(csv, dataset, manifest, interrupted, findings);
  if (!csv_groups) return tl::unexpected(unreadable_by_machinery(std::move(csv_groups.error())));
  const auto warnings = std::ranges::stable_partition(
      findings, [](const auto& each) { return each.severity == catalog::Severity::error; });
  source.warnings.assign(warnings.begin(), warnings.end());
  findings.erase(warnings.begin(), warnings.end());
  std::vector<bool> seen(dataset.schema.size(), !csv.empty());
  auto parquet = inspect_parquet(connection, dataset, manifest, csv.files(), seen, findings);
  if (!parquet) return tl::unexpected(std::move(parquet.error()));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i] && findings.empty()) {
      findings.push_back(data_finding({}, dataset.schema[i].name,
                                      fmt::format("No file has the column {}.", dataset.schema[i].name)));
    }
  }
  if (!findings.empty()) {
    return tl::unexpected(executor::Refused{
        {ErrorCode::rejected, "The snapshot's files do not match its manifest.", {}}, std::move(findings)});
  }

  source.groups = std::move(*csv_groups);
  for (auto& group : *parquet) source.groups.push_back(std::move(group));
  return source;
}

Result<catalog::Findings> find_bad_values(Connection& connection, const FileSource& source,
                                          const std::function<bool()>& interrupted) {
  catalog::Findings findings;
  for (const auto& group : source.groups) {
    for (const auto* file : group.files) {
      if (group.csv != nullptr) {
        auto input = group.csv->input(file->location, interrupted);
        if (!input) return fail(std::move(input.error()));
        auto found =
            diagnose_csv(**input, group.csv->dialect(), group, shown_path(file->declared), interrupted);
        if (!found) return fail(std::move(found.error()));
        findings.insert(findings.end(), found->begin(), found->end());
        continue;
      }
      auto bad = find_bad_parquet(connection, *file, group.columns);
      findings.insert(findings.end(), bad.begin(), bad.end());
    }
  }
  return findings;
}

}  // namespace offloader::duckdb
