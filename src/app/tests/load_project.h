#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace offloader::app {

// A project to put load on: `events`, `rows` rows for each of the tenants `flood` and `other`, with the keys
// `offl_test_{tenant}`, and the endpoints
//   page    cached; rows from id `from` on, pages of up to 100,000 rows, 20 by default
//   totals  not cached; aggregates of all rows from id `from` on: a query that scans
void write_load_project(const std::filesystem::path& root, std::int64_t rows);

// A whole GET of `/v1/endpoints/` + `target` with the tenant's key, connection kept.
[[nodiscard]] std::string load_request(const std::string& target, const std::string& tenant);

}  // namespace offloader::app
