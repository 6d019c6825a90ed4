#include "offloader/duckdb/testing/unlocked.h"

#include <duckdb.h>

#include <cstdlib>

namespace offloader::duckdb::testing {

std::shared_ptr<Database> open_unlocked() {
  duckdb_database database = nullptr;
  if (duckdb_open(nullptr, &database) != DuckDBSuccess) std::abort();
  auto opened = std::make_shared<Database>(database);
  auto connection = Connection::open(opened);
  if (!connection || !connection->query(kDivision)) std::abort();
  return opened;
}

Connection& unlocked_connection() {
  static auto* const connection = new Connection(*Connection::open(open_unlocked()));
  return *connection;
}

}  // namespace offloader::duckdb::testing
