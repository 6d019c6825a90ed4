#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/byte_budget.h"
#include "offloader/base/result.h"
#include "offloader/rows/batch.h"
#include "offloader/rows/columns.h"

namespace offloader::rows {

// The text of an answer, and the memory reserved for it in the budget for answers. A small text may have no
// reservation; a caller that keeps it must count it.
struct Page {
  std::string text;
  ByteHold room;
  std::string totals{};  // the grand total as a JSON object; empty: it was not written
};

// The result of running a plan.
struct Written {
  std::int64_t rows = 0;
  bool has_more = false;                // there are more rows than the plan's limit
  std::optional<query::PageEnd> end{};  // set if the plan asks for it and there are more rows
};

// Converts column batches to one format (consumer-api.md, "Formats"). Does not depend on the executor. Owned
// by the requester of the rows. One thread at a time: the executor's while the plan runs. The executor calls
// begin(), write() for each batch, and finish(); the owner then calls take().
class Writer {
 public:
  virtual ~Writer() = default;

  // Whether begin(), write() or finish() may wait, for a disk or for a client. Such a writer must not be used
  // on an I/O thread.
  [[nodiscard]] virtual bool may_block() const { return false; }

  // Starts an answer. Discards what was written before, so that another executor can start over after one
  // gave up.
  [[nodiscard]] virtual Result<void> begin(const Columns& columns) = 0;

  // Appends the rows of the batch. Requires: its columns have the kinds given to begin(), or a different
  // numeric kind or scale if the snapshot stores a column with another type than the contract declares, or
  // are canonical texts in place of UUIDs.
  // Errors: `no_memory` if the text does not fit into the memory for answers.
  [[nodiscard]] virtual Result<void> write(const Batch& batch) = 0;

  // Takes out a piece of the answer, for one that is sent piece by piece instead of taken: before finish()
  // what has been written since the last call, which may be nothing yet, without its end if readers would
  // otherwise take an answer that breaks off there for a whole one; after finish() the next piece of the
  // rest, at most kDrainBytes of what lies in a file, and an empty one at the end. Writers that produce no
  // text return none. Errors: `internal` if the rest cannot be read.
  static constexpr std::size_t kDrainBytes = 256U << 10;
  [[nodiscard]] virtual Result<std::string> drain() { return std::string(); }

  // Says that all rows written so far are good, so that an answer that is sent while it is made can go on.
  // The executor calls it between batches, and after finish(). It may block while the client does not read.
  // Errors: `cancelled` if the client is gone.
  [[nodiscard]] virtual Result<void> flush() { return {}; }

  // Ends the answer. Errors: as write().
  [[nodiscard]] virtual Result<void> finish() = 0;

  // Returns the writer of the plan's grand total, to which the executor writes the one row of
  // plan_of_totals() after finish(). The same object until the next begin(), which discards it. Requires: the
  // format is JSON, because totals are in `meta`, which no other format has.
  [[nodiscard]] virtual Writer& totals() { return *this; }

  // Returns what has been written and moves it out. Requires: finish() succeeded, also that of totals() if it
  // was called.
  [[nodiscard]] virtual Page take() = 0;
};

}  // namespace offloader::rows
