#pragma once

#include <string>

#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/duckdb/instance.h"
#include "offloader/executor/fingerprint.h"

namespace offloader::duckdb {

// The digest of a table's rows, of the dataset's columns in their order, by all threads of the instance.
// `table` is qualified and quoted. Errors: DuckDB's.
[[nodiscard]] Result<executor::RowsDigest> rows_digest(Connection& connection, const std::string& table,
                                                       const catalog::Dataset& dataset);

}  // namespace offloader::duckdb
