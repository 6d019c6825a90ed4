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

// A complete DuckDB table and what to index of it.
struct IndexBuild {
  duckdb::Connection* connection = nullptr;  // its instance must preserve insertion order (DuckDB's default)
  std::string table;                         // fully qualified and quoted
  index::WantedLayout layout;
  bool sorted = true;                  // false: sort the rows by the sort columns while reading them
  std::string fingerprint;             // of the table's rows, 32 hexadecimal digits; identifies the snapshot
  std::filesystem::path output;        // `<base>.index`
  const CancelFlag* cancel = nullptr;  // may be null
};

// Reads the table once and writes the index file. Blocking. Runs on the calling thread and DuckDB's own. On
// failure no new file is in place, unless only the sync of its folder failed.
// Errors: `cancelled`, `no_space`, `unavailable`, `too_large`, `internal`.
[[nodiscard]] Result<void> build_index(const IndexBuild& build);

}  // namespace offloader::local_executor
