#pragma once

#include <duckdb.h>

#include <string>
#include <vector>

#include "duckdb_handle.h"
#include "offloader/base/mutex.h"
#include "offloader/base/result.h"
#include "offloader/rows/batch.h"
#include "offloader/rows/columns.h"

namespace offloader::duckdb {

// Hands the batches of an answer to a statement of DuckDB that reads them as a table. Holds one batch. A
// writer puts batches on its thread, and the statement takes them on another. Not movable: the statement
// refers to it.
class AnswerFeed {
 public:
  explicit AnswerFeed(const rows::Columns& columns);
  AnswerFeed(const AnswerFeed&) = delete;
  AnswerFeed& operator=(const AnswerFeed&) = delete;

  // Registers the function that source() calls, for a whole instance. Errors: `internal`.
  [[nodiscard]] static Result<void> register_function(duckdb_connection connection);

  // Returns the table as SQL to put after FROM. Requires: the feed outlives the statement, which must run on
  // an instance that runs no other SQL than this module's, because the text has the feed's address.
  [[nodiscard]] std::string source() const;

  // Copies a batch, and waits until the statement has taken the one before. Returns false if the statement
  // has ended. Errors: those of chunk_of().
  [[nodiscard]] Result<bool> put(const rows::Batch& batch);
  // Ends the table.
  void end();
  // Makes the statement fail.
  void abandon();

  // To be called when the statement has ended: nobody takes batches any more.
  void close();

 private:
  static void bind(duckdb_bind_info info);
  static void init(duckdb_init_info info);
  static void pull(duckdb_function_info info, duckdb_data_chunk output);

  enum class State { open, ended, abandoned, closed };
  void change(State state);

  std::vector<std::string> names_;
  std::vector<catalog::SizedType> types_;
  Mutex mutex_;
  Condition changed_;
  DataChunk waiting_ OFFLOADER_GUARDED_BY(mutex_);  // null: none
  State state_ OFFLOADER_GUARDED_BY(mutex_) = State::open;
};

}  // namespace offloader::duckdb
