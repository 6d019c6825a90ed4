#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/duckdb/instance.h"
#include "offloader/executor/query.h"
#include "offloader/query/plan.h"
#include "offloader/rows/writer.h"

struct _duckdb_prepared_statement;  // NOLINT(bugprone-reserved-identifier): DuckDB's own name

namespace offloader::duckdb {

// `types` below are the types in which the snapshot stores the contract's columns. They may be wider than
// declared: an INTEGER may be stored as BIGINT, DOUBLE or DECIMAL.

// Whether the plan matches no row: because the compiler said so, or because it compares a whole number with a
// DOUBLE column that cannot equal it.
[[nodiscard]] bool matches_nothing(const query::Plan& plan, std::span<const catalog::SizedType> types);

// What a statement gives of a plan's answer.
enum class Part : std::uint8_t {
  page,
  row_count,  // of the whole answer, all pages
};

// How the SQL of a page begins after a row (query::Seek).
struct SeekForm {
  std::size_t keys = 0;  // 0: it begins at an offset
  bool foreign = false;
  friend bool operator==(const SeekForm&, const SeekForm&) = default;
};

// Returns the form of the plan's page over a snapshot that stores the columns with `types`.
[[nodiscard]] SeekForm seek_form(const query::Plan& plan, std::span<const catalog::SizedType> types);

// The prepared SQL of a part of a plan shape over one table. The connection must outlive it. Use it on the
// thread that uses the connection.
class PlanStatement {
 public:
  // `source` follows FROM and is already quoted. `never` is for plans that match nothing, `seek` for pages
  // that begin in this form.
  [[nodiscard]] static Result<PlanStatement> prepare(Connection& connection, const query::PlanShape& shape,
                                                     bool never, std::string_view source,
                                                     std::span<const catalog::SizedType> types,
                                                     Part part = Part::page, SeekForm seek = {});

  // Requires: the statement is of a page. Runs a plan of this shape and writes its rows to `writer`: it calls
  // begin() and write(), not finish(). The duration in the result is not set. Errors: those of DuckDB and of
  // the writer.
  [[nodiscard]] Result<executor::Answered> run(const query::Plan& plan,
                                               std::span<const catalog::SizedType> types,
                                               rows::Writer& writer) const;

  // Requires: the statement is of the row count. Returns it for a plan of this shape.
  [[nodiscard]] Result<std::int64_t> count(const query::Plan& plan,
                                           std::span<const catalog::SizedType> types) const;

 private:
  struct Deleter {
    void operator()(_duckdb_prepared_statement* statement) const;
  };
  PlanStatement(_duckdb_prepared_statement* statement, bool never) : statement_(statement), never_(never) {}

  std::unique_ptr<_duckdb_prepared_statement, Deleter> statement_;
  bool never_;
};

}  // namespace offloader::duckdb
