#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace offloader::cli {

struct StarterOptions {
  bool open = false;       // `auth: none`, without tenants
  std::int32_t today = 0;  // days since the epoch; the sample data ends the day before
  std::string key_hash;    // of the demo key; unused if `open`
  std::string created_at;  // ISO 8601
};

// Generates a complete project, keyed by file name: contract, sample data, manifest, README. Deterministic:
// the same options give the same bytes.
[[nodiscard]] std::map<std::string, std::string> starter_project(const StarterOptions& options);

}  // namespace offloader::cli
