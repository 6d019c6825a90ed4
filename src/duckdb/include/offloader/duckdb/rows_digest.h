#pragma once

#include <string>

#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/duckdb/instance.h"
#include "offloader/executor/fingerprint.h"

namespace offloader::duckdb {

// Returns the digest of a table's rows, with the dataset's columns in their order. Uses all threads of the
// instance. `table` is qualified and quoted. Errors: those of DuckDB.
[[nodiscard]] Result<executor::RowsDigest> rows_digest(Connection& connection, const std::string& table,
                                                       const catalog::Dataset& dataset);

}  // namespace offloader::duckdb
