#pragma once

#include <string>

namespace offloader::cli {

// Generates the token of a new key: "offl_" and 48 hex digits from the system's random source.
[[nodiscard]] std::string new_api_token();

// Returns what keys.yml stores for a token: its SHA-256 in hex (project-files.md).
[[nodiscard]] std::string api_token_hash(const std::string& token);

}  // namespace offloader::cli
