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

// Writes an index file from rows that arrive in chunks, in their final order. The file is written under a
// temporary name and renamed into place by finish(). The writer checks the sort order of the layout and
// records only the leading sort columns by which the rows are really sorted. It omits a column that the
// format cannot hold. Owned by the builder; one thread. After an error discard the writer, which removes its
// temporary files.
class Writer {
 public:
  // `path` is the final path, including `.index`. Temporary files are created in its folder.
  Writer(std::filesystem::path path, Layout layout);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Sets the snapshot's fingerprint and the layout_id() to record in the header. Call it before finish().
  void belongs_to(std::string fingerprint, std::uint64_t layout);

  // Appends rows. Requires: one column per layout column, of its type, and texts without a dictionary.
  // Errors: `internal` if the columns are different ones; `too_large` beyond kMaxRows rows; `no_space` or
  // `unavailable` if a temporary file cannot be written.
  [[nodiscard]] Result<void> append(const rows::Batch& batch);

  // Writes the file, syncs it and renames it into place. Requires: called once, after the last append().
  // Errors: `no_space`, `unavailable`. The file stays in place if only the sync of its folder failed.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  void check_order(std::size_t count);

  std::filesystem::path path_;
  Layout layout_;
  std::string fingerprint_;
  std::uint64_t layout_id_ = 0;
  std::vector<ColumnWriter> columns_;
  std::size_t sorted_ = 0;  // leading sort columns by which all rows so far are sorted
  std::uint64_t rows_ = 0;
};

}  // namespace offloader::index
