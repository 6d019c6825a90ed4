#pragma once

#include <duckdb.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duckdb_error.h"
#include "offloader/base/result.h"
#include "offloader/executor/source_waits.h"

// DuckDB's C API with owners. Nothing here throws; every error text of DuckDB goes to Error::detail, never to
// a message.
namespace offloader::engine {

class CsvFiles;
class InterruptWatch;
class PinnedFiles;

// The version of the headers, as the library of the same version names itself: `v1.5.6`.
[[nodiscard]] std::string duckdb_header_version();

// A whole or streamed result; chunks are fetched in order by the thread that ran the query.
class QueryResult {
 public:
  QueryResult() = default;
  QueryResult(QueryResult&& other) noexcept : result_(std::exchange(other.result_, {})) {}
  QueryResult& operator=(QueryResult&& other) noexcept {
    std::swap(result_, other.result_);
    return *this;
  }
  ~QueryResult() { duckdb_destroy_result(&result_); }

  [[nodiscard]] duckdb_result* get() { return &result_; }
  [[nodiscard]] Error error() { return to_error(error_of(result_)); }

 private:
  duckdb_result result_{};
};

struct ChunkDeleter {
  void operator()(duckdb_data_chunk chunk) const { duckdb_destroy_data_chunk(&chunk); }
};
using DataChunk = std::unique_ptr<_duckdb_data_chunk, ChunkDeleter>;

struct StatementDeleter {
  void operator()(duckdb_prepared_statement statement) const { duckdb_destroy_prepare(&statement); }
};
using Statement = std::unique_ptr<_duckdb_prepared_statement, StatementDeleter>;

struct PendingDeleter {
  void operator()(duckdb_pending_result pending) const { duckdb_destroy_pending(&pending); }
};
using PendingResult = std::unique_ptr<_duckdb_pending_result, PendingDeleter>;

class Database {
 public:
  explicit Database(duckdb_database database) : database_(database) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { duckdb_close(&database_); }
  [[nodiscard]] duckdb_database get() const { return database_; }

 private:
  duckdb_database database_;
};

// Used by one thread at a time; only interrupt() may be called from others. Keeps its database alive.
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
  ~Connection() { duckdb_disconnect(&connection_); }

  [[nodiscard]] Result<QueryResult> query(const std::string& sql);
  [[nodiscard]] Result<Statement> prepare(const std::string& sql);
  // Every row of a small result as text; NULL is an empty string.
  [[nodiscard]] Result<std::vector<std::vector<std::string>>> rows(const std::string& sql);
  void interrupt() { duckdb_interrupt(connection_); }
  [[nodiscard]] duckdb_connection get() const { return connection_; }

 private:
  Connection(std::shared_ptr<Database> database, duckdb_connection connection)
      : database_(std::move(database)), connection_(connection) {}
  std::shared_ptr<Database> database_;
  duckdb_connection connection_ = nullptr;
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

}  // namespace offloader::engine
