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

// Returns a valid project: tables with and without a tenant column, every column type, many nulls, int64 and
// double extremes, Unicode; endpoints with params of all types, filters, aggregates, groupings, orders,
// aliases, defaults and combinations.
[[nodiscard]] Project random_project(Random& random);

// Gives a table new rows and a new snapshot id, as the next refresh does.
void refill(Table& table, const std::vector<std::string>& tenants, int number, Random& random);

// Writes the result of a DuckDB SELECT as a Parquet file. The caller provides it, because this module does
// not use DuckDB.
using WriteParquet =
    std::function<Result<void>(const std::string& select, const std::filesystem::path& file)>;

// Writes the whole project (offloader.yml, datasets, endpoints, keys, data) below `root`.
void write_project(const Project& project, const std::filesystem::path& root,
                   const WriteParquet& write_parquet);

// Replaces an endpoint's contract by a new version over the same table and in the same serving mode.
// write_endpoint() writes its file below `root`, atomically.
void replace_endpoint(Project& project, std::size_t endpoint, Random& random);
void write_endpoint(const Project& project, std::size_t endpoint, const std::filesystem::path& root);

// Writes a table's data file and then, atomically, its manifest.
void write_snapshot(const Table& table, const std::filesystem::path& root, const WriteParquet& write_parquet);

// Returns a request for the endpoint: most are valid, some are wrong in some way.
[[nodiscard]] Query random_query(const Project& project, const Endpoint& endpoint, Random& random);

// Returns `?a=b&c=d`, percent-encoded; empty without params.
[[nodiscard]] std::string encode(const Query& query);

// The token of the tenant's key.
[[nodiscard]] std::string token_of(const std::string& tenant);

}  // namespace offloader::executor::testing::model
