#pragma once

#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/executor/testing/reference_model.h"

namespace offloader::executor::testing::model {

using Random = std::mt19937_64;

// A valid project: tables with a tenant column and without, every column type, many nulls, int64 and double
// extremes, unicode; endpoints with params of all types, filters, aggregates, groupings, orders, aliases,
// defaults and combinations.
[[nodiscard]] Project random_project(Random& random);

// New rows, and a new snapshot id, for one table: what the next refresh brings.
void refill(Table& table, const std::vector<std::string>& tenants, int number, Random& random);

// Writes what a SELECT of DuckDB returns as a Parquet file: this module knows no DuckDB.
using WriteParquet =
    std::function<Result<void>(const std::string& select, const std::filesystem::path& file)>;

// Writes the whole project (offloader.yml, datasets, endpoints, keys, data) below `root`.
void write_project(const Project& project, const std::filesystem::path& root,
                   const WriteParquet& write_parquet);

// Another contract of the next version under the endpoint's name, over the same table and in the same serving
// mode; and its file below `root`, written atomically.
void replace_endpoint(Project& project, std::size_t endpoint, Random& random);
void write_endpoint(const Project& project, std::size_t endpoint, const std::filesystem::path& root);

// Writes one table's data file and then, atomically, its manifest.
void write_snapshot(const Table& table, const std::filesystem::path& root, const WriteParquet& write_parquet);

// A request for the endpoint: mostly a good one, sometimes wrong in some way.
[[nodiscard]] Query random_query(const Project& project, const Endpoint& endpoint, Random& random);

// `?a=b&c=d`, encoded; empty for no params.
[[nodiscard]] std::string encode(const Query& query);

// The token of a tenant's key.
[[nodiscard]] std::string token_of(const std::string& tenant);

}  // namespace offloader::executor::testing::model
