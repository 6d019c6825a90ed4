#pragma once

#include <string>

namespace offloader::cli {

// A token for a new key, "offl_" and 48 hex digits of the system's random source.
[[nodiscard]] std::string new_api_token();

// What keys.yml keeps of a token: its SHA-256 in hex (project-files.md).
[[nodiscard]] std::string api_token_hash(const std::string& token);

}  // namespace offloader::cli
