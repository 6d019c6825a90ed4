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

// DuckDB's C API with owners, for modules that do not see its headers. Nothing here throws; every error text
// of DuckDB goes to Error::detail, never to a message.
namespace offloader::duckdb {

class CsvFiles;
class InterruptWatch;
class PinnedFiles;

// An open instance. Any thread.
class Database {
 public:
  explicit Database(_duckdb_database* database) : database_(database) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();
  [[nodiscard]] _duckdb_database* get() const { return database_; }

  // Changes the memory limit while the instance works, which no SQL can once its configuration is locked.
  // False, and the limit stays, when it holds more than that and cannot spill it.
  [[nodiscard]] bool limit_memory(std::uint64_t bytes) const;

 private:
  _duckdb_database* database_;
};

// Used by one thread at a time; only interrupt() and progress() may be called from others. Keeps its database
// alive.
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

  // Runs it to its end; its rows are dropped.
  [[nodiscard]] Result<void> query(const std::string& sql);
  // Every row of a small result as text; NULL is an empty string.
  [[nodiscard]] Result<std::vector<std::vector<std::string>>> rows(const std::string& sql);
  // Ends the statement that runs, which fails with `cancelled`. Lost when none runs.
  void interrupt();
  // Of the statement that runs, 0 to 1; below 0 when none does.
  [[nodiscard]] double progress() const;
  [[nodiscard]] _duckdb_connection* get() const { return connection_; }

 private:
  Connection(std::shared_ptr<Database> database, _duckdb_connection* connection)
      : database_(std::move(database)), connection_(connection) {}
  std::shared_ptr<Database> database_;
  _duckdb_connection* connection_ = nullptr;
};

// How an instance is opened and locked down (security.md, 7).
struct InstanceOptions {
  unsigned threads = 1;
  std::uint64_t memory_limit = 0;  // bytes; 0: DuckDB's own
  bool serving = false;            // late_materialization off
  std::filesystem::path temp_directory;
  std::vector<std::string> allowed_paths;
  std::vector<std::string> allowed_directories;
  std::vector<std::string> setup;                  // SQL before the configuration is locked
  std::shared_ptr<const PinnedFiles> pinned{};     // what it reads through the object store; null: nothing
  std::shared_ptr<InterruptWatch> watch{};         // with `pinned`
  std::shared_ptr<const CsvFiles> csv{};           // what it reads through the CSV guard; null: nothing
  std::shared_ptr<executor::SourceWaits> waits{};  // told of waits for `pinned`, not for `csv`; may be null
  std::uint64_t spill_limit = 0;                   // bytes in temp_directory; 0: 16 times the memory limit
  bool keep_remote_bytes = false;  // what was read is kept within the memory limit, and read once
};

// An in-memory instance that reaches nothing but the given files and folders, whose configuration cannot
// change any more and which has the text parsers of text_functions.h.
[[nodiscard]] Result<std::shared_ptr<Database>> open_instance(const InstanceOptions& options);

[[nodiscard]] std::string quote_identifier(std::string_view name);
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace offloader::duckdb
