#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/index/layout.h"
#include "offloader/rows/batch.h"

namespace offloader::index {

class ColumnWriter;

// Writes `<base>.index` from rows in their final order: fed in chunks, built aside, renamed into place. The
// claimed order is checked: what the rows are not sorted by is not claimed in the file. A column that the
// format cannot hold is left out. One thread.
class Writer {
 public:
  // `path` is the final one, `.index` included.
  Writer(std::filesystem::path path, Layout layout);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Names the snapshot, by its fingerprint, and the layout that were asked for, in the file's header.
  void belongs_to(std::string fingerprint, std::uint64_t layout);

  // The next rows: a column for each of the layout's, of its type, texts without a dictionary; `internal`
  // when they are not.
  [[nodiscard]] Result<void> append(const rows::Batch& batch);

  // Once, at the end. Errors: no_space, unavailable, too_large (more rows than an index can number).
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  void check_order(std::size_t count);

  std::filesystem::path path_;
  Layout layout_;
  std::string fingerprint_;
  std::uint64_t layout_id_ = 0;
  std::vector<ColumnWriter> columns_;
  std::size_t sorted_ = 0;  // leading sort columns that held so far
  std::uint64_t rows_ = 0;
};

}  // namespace offloader::index
