#include "offloader/engine/describe_file.h"

#include <fmt/format.h>

#include <array>

#include "file_source.h"
#include "offloader/base/identifier.h"

namespace offloader::engine {
namespace {

namespace fs = std::filesystem;
using catalog::ColumnType;

constexpr std::uint64_t kMemory = 1ULL << 30;
constexpr std::size_t kMaxColumns = 4096;

// The types that a CSV column may turn out to have, narrowest first. `shape` is asked before the parser:
// cheaply, and it rules out what the parser takes but no one means, such as 007, which is a name.
struct Candidate {
  ColumnType type;
  const char* parser;
  const char* shape;
};
constexpr std::array<Candidate, 6> kCandidates = {{
    {ColumnType::boolean, "offloader_boolean", "(?i)(true|false)"},
    {ColumnType::bigint, "offloader_bigint", "-?(0|[1-9][0-9]*)"},
    {ColumnType::float64, "offloader_double", "-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?"},
    {ColumnType::date, "offloader_date", "[0-9]{4}-[0-9]{2}-[0-9]{2}"},
    {ColumnType::timestamp, "offloader_timestamp",
     "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+([zZ]|[-+][0-9:]+)?)?"},
    {ColumnType::json, "offloader_json", "(?s)[ \\t\\r\\n]*[\\[{].*"},
}};

// NULL for NULL, else whether the value of `column` fits.
std::string fits(const Candidate& candidate, const std::string& column) {
  return fmt::format(
      "CASE WHEN {0} IS NULL THEN NULL WHEN regexp_full_match({0}, {1}) THEN TRY({2}({0})) IS NOT NULL ELSE "
      "false END",
      column, quote_literal(candidate.shape), candidate.parser);
}

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
  const std::string reader = reader_of({&file}, 0);
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

// The header's names. DuckDB's sniffer is not asked, because it would also guess at delimiters.
Result<std::vector<std::string>> csv_header(Connection& connection, const manifest::ResolvedFile& file) {
  const auto text =
      connection.rows(fmt::format("SELECT line FROM read_csv([{}], auto_detect=false, header=false, "
                                  "delim='\x1f', quote='', escape='', comment='', "
                                  "parallel=false, columns={{'line': 'VARCHAR'}}) LIMIT 1",
                                  quote_literal(file.location)));
  if (!text) return fail(unreadable(file.location, "CSV", text.error().detail));
  if (text->empty()) return fail(unreadable(file.location, "CSV", "the file is empty"));
  std::vector<std::string> names{""};
  bool quoted = false;
  std::string_view line = (*text)[0][0];
  if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      names.emplace_back();
    else if (c != '\r')
      names.back() += c;
  }
  return names;
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

Result<FileDescription> describe_csv(Connection& connection, const manifest::ResolvedFile& file) {
  const auto names = csv_header(connection, file);
  if (!names) return fail(names.error());
  if (names->size() > kMaxColumns)
    return fail(ErrorCode::rejected, fmt::format("{} has more than {} columns", file.location, kMaxColumns));
  for (const std::string& name : *names) {
    if (!is_column_name(name)) {
      return fail(ErrorCode::rejected,
                  fmt::format("{}: `{}` in the header is no column name: 1 to 63 of A-Z a-z 0-9 _",
                              file.location, name.substr(0, 80)));
    }
  }
  std::string sql = "SELECT count(*)";
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::string column = fmt::format("c{}", i);
    sql += fmt::format(", count({})", column);
    for (const Candidate& candidate : kCandidates)
      sql += fmt::format(", coalesce(bool_and({}), false)", fits(candidate, column));
  }
  const auto found = connection.rows(sql + " FROM " + reader_of({&file}, names->size()));
  if (!found) return fail(unreadable(file.location, "CSV", found.error().detail));
  FileDescription out;
  const auto& row = (*found)[0];
  out.rows = std::stoll(row[0]);
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::size_t at = 1 + i * (1 + kCandidates.size());  // the count, then an answer for each candidate
    ColumnType type = ColumnType::varchar;
    for (std::size_t k = kCandidates.size(); k-- > 0;) {
      if (row[at + 1 + k] == "true") type = kCandidates[k].type;
    }
    if (row[at] == "0") out.valueless.push_back((*names)[i]);
    out.columns.push_back({(*names)[i], type});
  }
  return out;
}

}  // namespace

Result<FileDescription> describe_file(const fs::path& path, manifest::FileFormat format) {
  auto opened = open_file(path, format);
  if (!opened) return fail(opened.error());
  auto description = format == manifest::FileFormat::parquet
                         ? describe_parquet(opened->connection, opened->file)
                         : describe_csv(opened->connection, opened->file);
  std::error_code error;
  if (description) description->bytes = fs::file_size(opened->file.location, error);
  return description;
}

Result<std::vector<std::string>> read_csv_header(const fs::path& path) {
  auto opened = open_file(path, manifest::FileFormat::csv);
  if (!opened) return fail(opened.error());
  return csv_header(opened->connection, opened->file);
}

}  // namespace offloader::engine
