#include "offloader/duckdb/testing/data_file.h"

#include <duckdb.h>
#include <fmt/format.h>

namespace offloader::duckdb::testing {

Result<void> write_data_file(const std::string& select, const std::filesystem::path& file,
                             const std::string& options) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  duckdb_result result{};
  if (duckdb_open(nullptr, &database) != DuckDBSuccess ||
      duckdb_connect(database, &connection) != DuckDBSuccess) {
    duckdb_close(&database);
    return fail(ErrorCode::internal, "DuckDB cannot be opened");
  }
  const std::string sql = fmt::format("COPY ({}) TO '{}' ({})", select, file.string(), options);
  const bool done = duckdb_query(connection, sql.c_str(), &result) == DuckDBSuccess;
  std::string text;
  if (!done && duckdb_result_error(&result) != nullptr) text = duckdb_result_error(&result);
  duckdb_destroy_result(&result);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  if (!done) return fail(ErrorCode::internal, "the file cannot be written", text + "\n" + sql);
  return {};
}

}  // namespace offloader::duckdb::testing
