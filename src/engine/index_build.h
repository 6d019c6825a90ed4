#pragma once

#include <duckdb.h>

#include <cstdint>
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
  bool sorted = true;            // false: the rows are sorted by the sort columns while they are read
  std::string fingerprint;       // of the table's rows, 32 hexadecimal digits; names the snapshot in the file
  std::uint64_t layout = 0;      // layout_id() of what was asked for
  std::filesystem::path output;  // `<base>.index`
  const CancelFlag* cancel = nullptr;

  [[nodiscard]] bool has_columns() const {
    return tenant_column || !sort_columns.empty() || !indexed_columns.empty();
  }
};

// Streams the table once into an index file. Blocking; one thread, and DuckDB's own. On failure no file is
// left. Errors: cancelled, no_space, unavailable, too_large, internal.
[[nodiscard]] Result<void> build_index(const IndexBuild& build);

}  // namespace offloader::engine
