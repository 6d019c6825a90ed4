#include "offloader/duckdb/describe_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "csv_describe.h"
#include "csv_source.h"
#include "file_source.h"
#include "offloader/base/identifier.h"
#include "parquet_local_pages.h"
#include "parquet_refusal.h"
#include "parquet_source.h"
#include "parquet_types.h"

namespace offloader::duckdb {
namespace {

namespace fs = std::filesystem;
using catalog::ColumnType;

constexpr std::uint64_t kMemory = 1ULL << 30;

Error refused(const manifest::ResolvedFile& file, const Error& error) {
  if (is_machinery(error)) return error;
  return {ErrorCode::rejected, fmt::format("{}: {}", file.declared.path, parquet_reason(file, error)), {}};
}

// Returns the findings of check_pages_of() for all columns.
Result<catalog::Findings> damaged_columns(const manifest::ResolvedFile& file,
                                          const std::vector<ParquetColumn>& columns) {
  std::vector<SourceColumn> wanted;
  for (const auto& column : columns) {
    wanted.emplace_back();
    wanted.back().name = wanted.back().in_file = column.name;
  }
  const auto input = object_store::LocalInput::open(file.location);
  if (!input) return fail(input.error());
  catalog::Findings findings;
  if (auto done = check_pages_of(**input, file, wanted, Checksums::verify, {}, findings); !done)
    return fail(std::move(done.error()));
  return findings;
}

// Returns the types that may be declared for a file's column, the best first: the contract's, the draft, and
// for a DECIMAL of whole numbers beyond 64 bits the DECIMAL.
std::vector<catalog::SizedType> candidates(const ParquetColumn& column, const catalog::Dataset* contract) {
  std::vector<catalog::SizedType> types;
  if (contract != nullptr) {
    for (const catalog::Column& declared : contract->schema) {
      const bool same = declared.name_in_files() == column.name;
      if (same && parquet_reading(declared.type, column.type, "c")) types.push_back(declared.type);
    }
  }
  const auto draft = parquet_draft(column.type);
  if (draft) types.push_back(*draft);
  if (draft == catalog::SizedType(ColumnType::bigint)) {
    const auto decimal = catalog::parse_column_type(column.type);
    if (decimal && *decimal == ColumnType::decimal) types.push_back(*decimal);
  }
  return types;
}

Result<FileDescription> describe_parquet(Connection& connection, const manifest::ResolvedFile& file,
                                         const DescribeOptions& options) {
  const auto columns = parquet_columns(connection, file);
  if (!columns) return fail(refused(file, columns.error()));
  const auto damaged = damaged_columns(file, *columns);
  if (!damaged) return fail(damaged.error());
  FileDescription out;
  for (const auto& column : *columns) {
    if (!is_column_name(column.name)) {
      out.ignored.push_back(fmt::format(
          "{}: a column name may have only letters, digits and \"_\" (at most 63). Rename it in the export.",
          column.name));
      continue;
    }
    const auto types = candidates(column, options.contract);
    if (types.empty()) {
      out.ignored.push_back(
          fmt::format("{}: the type {} is not supported. Cast it to another type in the export.", column.name,
                      column.type));
      continue;
    }
    // Leave out a column that a load would reject.
    if (const auto bad = std::ranges::find_if(
            *damaged,
            [&](const auto& finding) { return finding.path.empty() || finding.path == column.name; });
        bad != damaged->end()) {
      if (bad->path.empty()) return fail(ErrorCode::rejected, fmt::format("{}: {}", bad->file, bad->message));
      out.ignored.push_back(fmt::format("{}: {}", column.name, bad->message));
      continue;
    }
    const catalog::SizedType* type = nullptr;
    std::optional<catalog::Finding> misfit;
    for (auto candidate = types.begin(); type == nullptr && candidate != types.end(); ++candidate) {
      auto bad =
          first_misfit(connection, file, source_column(column.name, column.name, *candidate, *columns));
      if (!bad) type = &*candidate;
      if (!misfit) misfit = std::move(bad);
    }
    if (type == nullptr) {
      out.ignored.push_back(fmt::format("{}: {}", column.name, misfit->message));
      continue;
    }
    if (column.type == kNullType) out.valueless.push_back(column.name);
    out.columns.push_back({column.name, *type});
  }
  const auto rows = connection.rows("SELECT count(*) FROM " + parquet_reader_sql({&file}));
  if (!rows) return fail(refused(file, rows.error()));
  out.rows = std::stoll((*rows)[0][0]);
  return out;
}

// A file and a connection that can read nothing else.
struct Opened {
  manifest::ResolvedFile file;
  Connection connection;
};

Result<Opened> open_file(const fs::path& path, const fs::path& real, manifest::FileFormat format) {
  const manifest::ResolvedFile file{real.string(), false, {path.string(), format, {}, {}}};
  InstanceOptions options;
  options.threads = 2;
  options.memory_limit = kMemory;
  options.allowed_paths = paths_of({file});
  auto database = open_instance(options);
  if (!database) return fail(database.error());
  auto connection = Connection::open(*database);
  if (!connection) return fail(connection.error());
  return Opened{file, std::move(*connection)};
}

}  // namespace

Result<FileDescription> describe_file(const fs::path& path, manifest::FileFormat format,
                                      const DescribeOptions& options) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error || !fs::is_regular_file(real, error))
    return fail(ErrorCode::not_found, fmt::format("There is no file {}.", path.string()), error.message());
  Result<FileDescription> description;
  if (format == manifest::FileFormat::csv) {
    description = describe_csv(path, real, options);
  } else {
    auto opened = open_file(path, real, format);
    if (!opened) return fail(opened.error());
    description = describe_parquet(opened->connection, opened->file, options);
  }
  if (description) description->bytes = fs::file_size(real, error);
  return description;
}

Result<catalog::Findings> check_csv_header(const manifest::ResolvedFile& file,
                                           const catalog::Dataset& dataset,
                                           const manifest::Manifest& manifest) {
  const auto csv = CsvFiles::of(nullptr, {file}, manifest.csv, nullptr);
  catalog::Findings findings;
  auto groups = inspect_csv(*csv, dataset, manifest, {}, findings);
  if (!groups) return fail(std::move(groups.error()));
  return findings;
}

}  // namespace offloader::duckdb
