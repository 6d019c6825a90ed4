#include "offloader/duckdb/testing/unlocked.h"

#include <duckdb.h>

#include <cstdlib>

namespace offloader::duckdb::testing {

std::shared_ptr<Database> open_unlocked() {
  duckdb_database database = nullptr;
  if (duckdb_open(nullptr, &database) != DuckDBSuccess) std::abort();
  return std::make_shared<Database>(database);
}

Connection& unlocked_connection() {
  static auto* const connection = new Connection(*Connection::open(open_unlocked()));
  return *connection;
}

}  // namespace offloader::duckdb::testing
