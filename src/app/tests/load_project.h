#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace offloader::app {

// Writes a project for load tests: dataset `events` with `rows` rows for each of the tenants `flood` and
// `other`, whose keys are `offl_test_{tenant}`, and these endpoints:
//   page    cached; rows from id `from` on, 20 by default, up to 100,000 per page
//   totals  not cached; aggregates of all rows from id `from` on, which need a scan
void write_load_project(const std::filesystem::path& root, std::int64_t rows);

// Returns a complete GET of `/v1/endpoints/` + `target` with the tenant's key, on a kept connection.
[[nodiscard]] std::string load_request(const std::string& target, const std::string& tenant);

}  // namespace offloader::app
