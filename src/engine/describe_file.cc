#include "offloader/engine/describe_file.h"

#include <fmt/format.h>

#include "csv_describe.h"
#include "csv_source.h"
#include "file_source.h"
#include "offloader/base/identifier.h"

namespace offloader::engine {
namespace {

namespace fs = std::filesystem;
using catalog::ColumnType;

constexpr std::uint64_t kMemory = 1ULL << 30;

std::optional<ColumnType> logical_type(const std::string& type) {
  if (type == "BOOLEAN") return ColumnType::boolean;
  if (type == "TINYINT" || type == "SMALLINT" || type == "INTEGER" || type == "UTINYINT" ||
      type == "USMALLINT")
    return ColumnType::integer;
  if (type == "BIGINT" || type == "UINTEGER" || type == "UBIGINT" || type == "HUGEINT" || type == "UHUGEINT")
    return ColumnType::bigint;
  if (type == "FLOAT" || type == "DOUBLE" || type.starts_with("DECIMAL(")) return ColumnType::float64;
  if (type == "DATE") return ColumnType::date;
  if (type.starts_with("TIMESTAMP")) return ColumnType::timestamp;
  // Before the scalar ones by name: STRUCT(a VARCHAR)[].
  if (type == "JSON" || type.ends_with("]") || type.starts_with("STRUCT(") || type.starts_with("MAP("))
    return ColumnType::json;
  if (type == "VARCHAR" || type == "UUID" || type.starts_with("ENUM(")) return ColumnType::varchar;
  return std::nullopt;
}

Error unreadable(const fs::path& path, const char* kind, std::string detail) {
  return {ErrorCode::rejected, fmt::format("{} is no readable {} file", path.string(), kind),
          std::move(detail)};
}

Result<FileDescription> describe_parquet(Connection& connection, const manifest::ResolvedFile& file) {
  const std::string reader = parquet_reader_sql({&file});
  const auto columns =
      connection.rows("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + reader + ")");
  if (!columns) return fail(unreadable(file.location, "Parquet", columns.error().detail));
  FileDescription out;
  for (const auto& column : *columns) {
    const auto type = logical_type(column[1]);
    if (!is_column_name(column[0])) {
      out.ignored.push_back(column[0] + ": column names are 1 to 63 of A-Z a-z 0-9 _");
    } else if (!type) {
      out.ignored.push_back(column[0] + ": no contract has the type " + column[1]);
    } else {
      out.columns.push_back({column[0], *type});
    }
  }
  const auto rows = connection.rows("SELECT count(*) FROM " + reader);
  if (!rows) return fail(unreadable(file.location, "Parquet", rows.error().detail));
  out.rows = std::stoll((*rows)[0][0]);
  return out;
}

// A file and a connection that can read it and nothing else.
struct Opened {
  manifest::ResolvedFile file;
  Connection connection;
};

Result<Opened> open_file(const fs::path& path, manifest::FileFormat format) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error || !fs::is_regular_file(real, error))
    return fail(ErrorCode::not_found, fmt::format("there is no file {}", path.string()), error.message());
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
    return fail(ErrorCode::not_found, fmt::format("there is no file {}", path.string()), error.message());
  Result<FileDescription> description;
  if (format == manifest::FileFormat::csv) {
    description = describe_csv(path, real, options);
  } else {
    auto opened = open_file(path, format);
    if (!opened) return fail(opened.error());
    description = describe_parquet(opened->connection, opened->file);
  }
  if (description) description->bytes = fs::file_size(real, error);
  return description;
}

Result<catalog::Findings> check_csv_header(const manifest::ResolvedFile& file, const catalog::Dataset& dataset,
                                           const manifest::Manifest& manifest) {
  const auto csv = CsvFiles::of(nullptr, {file}, manifest.csv, nullptr);
  catalog::Findings findings;
  auto groups = inspect_csv(*csv, dataset, manifest, {}, findings);
  if (!groups) return fail(std::move(groups.error()));
  return findings;
}

}  // namespace offloader::engine
