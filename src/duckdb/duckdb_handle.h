#pragma once

#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "duckdb_error.h"
#include "offloader/base/result.h"
#include "offloader/duckdb/instance.h"

// RAII wrappers of DuckDB's C API, for the sources of this module. One thread at a time.
namespace offloader::duckdb {

// Returns the version of the headers, in the form of duckdb_library_version(): `v1.5.6`.
[[nodiscard]] std::string duckdb_header_version();

// A materialized or streamed result. Fetch its chunks in order, on the thread that ran the query.
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

struct LogicalTypeDeleter {
  void operator()(duckdb_logical_type type) const { duckdb_destroy_logical_type(&type); }
};
using LogicalType = std::unique_ptr<_duckdb_logical_type, LogicalTypeDeleter>;

struct ValueDeleter {
  void operator()(duckdb_value value) const { duckdb_destroy_value(&value); }
};
using DuckdbValue = std::unique_ptr<_duckdb_value, ValueDeleter>;

// Implements Database::limit_memory(), for which the C API has no function.
[[nodiscard]] bool set_memory_limit(duckdb_database database, std::uint64_t bytes);

[[nodiscard]] Result<QueryResult> query(Connection& connection, const std::string& sql);
[[nodiscard]] Result<Statement> prepare(Connection& connection, const std::string& sql);

}  // namespace offloader::duckdb
