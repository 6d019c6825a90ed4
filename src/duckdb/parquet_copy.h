#pragma once

#include <filesystem>
#include <memory>

#include "answer_feed.h"
#include "offloader/base/descriptor.h"
#include "offloader/base/thread.h"
#include "parquet_instance.h"

namespace offloader::duckdb {

// A COPY statement that writes batches to a Parquet file, on a thread of its own. The file has no name once
// it is whole or given up. Used by one thread at a time; not movable.
class ParquetCopy {
 public:
  // Starts the statement. Errors: those of ParquetInstance::connect(); `busy` if no thread can be started.
  [[nodiscard]] static Result<std::unique_ptr<ParquetCopy>> start(std::shared_ptr<ParquetInstance> instance,
                                                                  const rows::Columns& columns);
  // Gives up the file unless it is whole. Waits for the statement, at most as long as it writes a row group.
  ~ParquetCopy();
  ParquetCopy(const ParquetCopy&) = delete;
  ParquetCopy& operator=(const ParquetCopy&) = delete;

  // Appends a copy of the batch. Waits while the statement writes what it was given before. Errors: those of
  // the statement, also of what was appended earlier, `no_space` and `no_memory` among them;
  // rows::value_refused().
  [[nodiscard]] Result<void> write(const rows::Batch& batch);

  // Completes the file and returns it, open for reading at its begin. Called once. Errors: as write().
  [[nodiscard]] Result<Descriptor> finish();

 private:
  ParquetCopy(std::shared_ptr<ParquetInstance> instance, const rows::Columns& columns, Connection connection);
  void run();
  [[nodiscard]] Result<void> outcome();

  const std::shared_ptr<ParquetInstance> instance_;
  const std::filesystem::path file_;
  AnswerFeed feed_;
  Connection connection_;
  Result<void> outcome_;  // the thread's until it is joined
  Thread thread_;
};

}  // namespace offloader::duckdb
