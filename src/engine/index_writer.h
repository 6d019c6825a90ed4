#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index_column_writer.h"
#include "offloader/base/result.h"
#include "offloader/catalog/column.h"

namespace offloader::engine {

struct IndexLayout {
  std::vector<catalog::Column> columns;
  std::optional<std::size_t> tenant_column;  // into `columns`
  std::vector<std::size_t>
      sort_columns;  // into `columns`, the tenant's first; the rows come in their order, nulls last
};

// Writes `<base>.index` from rows in their final order: fed in chunks, built aside, renamed into place. The
// claimed order is checked: what the rows are not sorted by is not claimed in the file. A column that the
// format cannot hold is left out. One thread.
class IndexWriter {
 public:
  // `path` is the final one, `.index` included.
  IndexWriter(std::filesystem::path path, IndexLayout layout);

  // Names the snapshot, by its fingerprint, and the layout that were asked for, in the file's header.
  void belongs_to(std::string fingerprint, std::uint64_t layout);

  // One chunk per column of the layout, all of the same count; `internal` when they are not.
  [[nodiscard]] Result<void> append(std::span<const ColumnChunk> chunks);

  // Once, at the end. Errors: no_space, unavailable, too_large (more rows than an index can number).
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  void check_order(std::size_t count);

  std::filesystem::path path_;
  IndexLayout layout_;
  std::string fingerprint_;
  std::uint64_t layout_id_ = 0;
  std::vector<IndexColumnWriter> columns_;
  std::size_t sorted_ = 0;  // leading sort columns that held so far
  std::uint64_t rows_ = 0;
};

}  // namespace offloader::engine
