#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/byte_budget.h"
#include "offloader/base/result.h"
#include "offloader/rows/batch.h"
#include "offloader/rows/columns.h"

namespace offloader::rows {

// Text that was written, and its part of the memory for answers. A small text may come without a hold: the
// caller counts what it keeps.
struct Page {
  std::string text;
  ByteHold room;
};

// What a run of a plan wrote.
struct Written {
  std::int64_t rows = 0;
  bool has_more = false;  // the plan's limit left rows out
};

// Turns column batches into one format (consumer-api.md, "Formats"). Knows no executor. Owned by whoever asks
// for the rows; used by one thread at a time, the executor's while it runs. An executor calls begin(), then
// write() for each batch, then finish(); the owner then calls take().
class Writer {
 public:
  virtual ~Writer() = default;

  // Starts an answer. Discards whatever was written before, so an executor that has to give up can be
  // followed by another.
  [[nodiscard]] virtual Result<void> begin(const Columns& columns) = 0;

  // Appends the rows of the batch. Its columns have the kinds that begin() was told, or another numeric one
  // where the snapshot stores another type than the contract declares. `no_memory` when the text does not fit
  // into the memory for answers.
  [[nodiscard]] virtual Result<void> write(const Batch& batch) = 0;

  // Ends the answer. Errors: as write().
  [[nodiscard]] virtual Result<void> finish() = 0;

  // What has been written and not yet taken. Requires: finish() succeeded.
  [[nodiscard]] virtual Page take() = 0;
};

}  // namespace offloader::rows
