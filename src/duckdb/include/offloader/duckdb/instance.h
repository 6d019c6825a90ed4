#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/executor/source_waits.h"

struct _duckdb_database;    // NOLINT(bugprone-reserved-identifier): DuckDB's own name
struct _duckdb_connection;  // NOLINT(bugprone-reserved-identifier): DuckDB's own name

// RAII wrappers of DuckDB's C API, for modules that do not include its headers. Nothing here throws. DuckDB's
// error texts go to Error::detail, never to a message.
namespace offloader::duckdb {

class CsvFiles;
class InterruptWatch;
class PinnedFiles;

// An open instance, closed with its last owner. Thread-safe.
class Database {
 public:
  explicit Database(_duckdb_database* database) : database_(database) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();
  [[nodiscard]] _duckdb_database* get() const { return database_; }

  // Changes the memory limit of a running instance, which SQL cannot do once the configuration is locked.
  // Returns false and keeps the old limit if the instance uses more memory than `bytes` and cannot spill it.
  [[nodiscard]] bool limit_memory(std::uint64_t bytes) const;

 private:
  _duckdb_database* database_;
};

// A connection, which keeps its database alive. One thread at a time, except interrupt() and progress(),
// which any thread may call. Errors are those of to_error() (duckdb_error.h).
class Connection {
 public:
  [[nodiscard]] static Result<Connection> open(std::shared_ptr<Database> database);
  Connection(Connection&& other) noexcept
      : database_(std::move(other.database_)), connection_(std::exchange(other.connection_, nullptr)) {}
  Connection& operator=(Connection&& other) noexcept {
    std::swap(database_, other.database_);
    std::swap(connection_, other.connection_);
    return *this;
  }
  ~Connection();

  // Runs a statement to its end and discards its rows.
  [[nodiscard]] Result<void> query(const std::string& sql);
  // Returns all rows of a small result as text. NULL becomes an empty string.
  [[nodiscard]] Result<std::vector<std::vector<std::string>>> rows(const std::string& sql);
  // Interrupts the running statement, which fails with `cancelled`. Without one, it has no effect.
  void interrupt();
  // The progress of the running statement, 0 to 1; below 0 without one.
  [[nodiscard]] double progress() const;
  [[nodiscard]] _duckdb_connection* get() const { return connection_; }

 private:
  Connection(std::shared_ptr<Database> database, _duckdb_connection* connection)
      : database_(std::move(database)), connection_(connection) {}
  std::shared_ptr<Database> database_;
  _duckdb_connection* connection_ = nullptr;
};

// The setting by which a division of doubles by zero is NULL. The SQL of plans relies on it, and every
// instance has it.
inline constexpr const char* kDivision = "SET GLOBAL ieee_floating_point_ops = false";

// Options of an instance, which is opened locked down (security.md, 7).
struct InstanceOptions {
  unsigned threads = 1;
  std::uint64_t memory_limit = 0;  // bytes; 0: DuckDB's default
  bool serving = false;            // disables the late_materialization optimizer
  std::filesystem::path temp_directory;
  std::vector<std::string> allowed_paths;
  std::vector<std::string> allowed_directories;
  std::vector<std::string> setup;                  // SQL to run before the configuration is locked
  std::shared_ptr<const PinnedFiles> pinned{};     // files it may read through the object store; null: none
  std::shared_ptr<InterruptWatch> watch{};         // interrupts waits for `pinned`; may be null
  std::shared_ptr<const CsvFiles> csv{};           // files it may read through the CSV guard; null: none
  std::shared_ptr<executor::SourceWaits> waits{};  // notified of waits for `pinned` only; may be null
  std::uint64_t spill_limit = 0;                   // bytes in temp_directory; 0: 16 times the memory limit
  bool keep_remote_bytes = false;  // cache remote bytes within the memory limit, so that they are read once
};

// Opens an in-memory instance that can access only the given files and folders. Its configuration is locked,
// and the functions of text_functions.h and row_hash.h are registered. Errors: `internal`, or those of the
// setup.
[[nodiscard]] Result<std::shared_ptr<Database>> open_instance(const InstanceOptions& options);

// Quote a name or a text for use in SQL.
[[nodiscard]] std::string quote_identifier(std::string_view name);
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace offloader::duckdb
