#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::cli {

struct StarterOptions {
  bool open = false;       // `auth: none`, without tenants
  std::int32_t today = 0;  // days since the epoch; the sample data ends the day before
  // Of the demo keys, one for each of starter_tenants(); unused if `open`.
  std::vector<std::string> key_hashes{};
  std::string created_at;  // ISO 8601
};

// The tenants of the sample data.
[[nodiscard]] std::span<const std::string_view> starter_tenants();

// Generates a complete project, keyed by file name: contract, sample data, manifest, README. Deterministic:
// the same options give the same bytes.
[[nodiscard]] std::map<std::string, std::string> starter_project(const StarterOptions& options);

}  // namespace offloader::cli
