#include "offloader/duckdb/version.h"

#include <duckdb.h>

namespace offloader::duckdb {

std::string duckdb_library_version() {
  return ::duckdb_library_version();
}

}  // namespace offloader::duckdb
