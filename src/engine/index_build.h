#pragma once

#include <duckdb.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/catalog/column.h"

namespace offloader::engine {

// A finished, sorted DuckDB table and what of it to index. All column numbers are positions in `schema`.
struct IndexBuild {
  duckdb_connection connection = nullptr;  // of an instance that preserves insertion order (DuckDB's default)
  std::string table;                       // fully qualified and quoted
  std::vector<catalog::Column> schema;
  std::optional<std::size_t> tenant_column;
  std::vector<std::size_t> sort_columns;  // after the tenant's
  std::vector<std::size_t> indexed_columns;
  std::filesystem::path output;  // `<base>.index`
  const CancelFlag* cancel = nullptr;
};

// Streams the table once, in its stored order, into an index file. Blocking; one thread, and DuckDB's own. On
// failure no file is left. Errors: cancelled, no_space, unavailable, too_large, internal.
[[nodiscard]] Result<void> build_index(const IndexBuild& build);

}  // namespace offloader::engine
