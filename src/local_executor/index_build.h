#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/duckdb/instance.h"
#include "offloader/index/layout.h"

namespace offloader::local_executor {

// A finished, sorted DuckDB table and what of it to index.
struct IndexBuild {
  duckdb::Connection* connection =
      nullptr;        // of an instance that preserves insertion order (DuckDB's default)
  std::string table;  // fully qualified and quoted
  index::WantedLayout layout;
  bool sorted = true;            // false: the rows are sorted by the sort columns while they are read
  std::string fingerprint;       // of the table's rows, 32 hexadecimal digits; names the snapshot in the file
  std::filesystem::path output;  // `<base>.index`
  const CancelFlag* cancel = nullptr;
};

// Streams the table once into an index file. Blocking; one thread, and DuckDB's own. On failure no file is
// left. Errors: cancelled, no_space, unavailable, too_large, internal.
[[nodiscard]] Result<void> build_index(const IndexBuild& build);

}  // namespace offloader::local_executor
