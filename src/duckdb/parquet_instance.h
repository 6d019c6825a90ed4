#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "offloader/base/mutex.h"
#include "offloader/base/result.h"
#include "offloader/duckdb/answer_writers.h"
#include "offloader/duckdb/instance.h"

namespace offloader::duckdb {

// The DuckDB instance that writes Parquet files. It has no threads of its own, and access to one folder only.
// Any thread.
class ParquetInstance {
 public:
  explicit ParquetInstance(ParquetOptions options) : options_(std::move(options)) {}

  // Returns a connection. Opens the instance if there is none. Errors: `unavailable` or `no_space` if the
  // folder cannot be created; those of open_instance().
  [[nodiscard]] Result<Connection> connect();

  // Returns the path of a file that does not exist.
  [[nodiscard]] std::filesystem::path new_file() const;

  // Returns the statement that writes a table, SQL as after FROM, to a file.
  [[nodiscard]] std::string copy_sql(const std::string& table, const std::filesystem::path& file) const;

  // Closes the instance if the error says that DuckDB has invalidated it, so that the next connect() opens a
  // new one.
  void report(const Error& error);

 private:
  const ParquetOptions options_;
  Mutex mutex_;
  std::shared_ptr<Database> database_ OFFLOADER_GUARDED_BY(mutex_);  // null until it is needed
};

}  // namespace offloader::duckdb
