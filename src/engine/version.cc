#include "offloader/engine/version.h"

#include <duckdb.h>

namespace offloader::engine {

std::string duckdb_library_version() {
  return ::duckdb_library_version();
}

}  // namespace offloader::engine
