#pragma once

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

// `types` below are the contract's columns as the snapshot stores them: an INTEGER may be stored as BIGINT or
// DOUBLE.

// Whether the plan can match no row: said by the compiler, or because a whole number is compared with doubles
// that cannot equal it.
[[nodiscard]] bool matches_nothing(const query::Plan& plan, std::span<const catalog::ColumnType> types);

// The SQL of a plan shape over one table, prepared on a connection, which outlives it. The connection's
// thread.
class PlanStatement {
 public:
  // `source` is what stands after FROM, quoted. `never`: for plans that match nothing.
  [[nodiscard]] static Result<PlanStatement> prepare(Connection& connection, const query::PlanShape& shape,
                                                     bool never, std::string_view source);

  // Runs a plan of the shape, its rows into `writer`, which is begun and not finished. The answer has no
  // duration. Errors: DuckDB's, and the writer's.
  [[nodiscard]] Result<executor::Answered> run(const query::Plan& plan,
                                               std::span<const catalog::ColumnType> types,
                                               rows::Writer& writer) const;

 private:
  struct Deleter {
    void operator()(_duckdb_prepared_statement* statement) const;
  };
  PlanStatement(_duckdb_prepared_statement* statement, bool never) : statement_(statement), never_(never) {}

  std::unique_ptr<_duckdb_prepared_statement, Deleter> statement_;
  bool never_;
};

}  // namespace offloader::duckdb
