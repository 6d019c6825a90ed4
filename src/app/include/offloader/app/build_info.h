#pragma once

#include <string>

namespace offloader::app {

struct BuildInfo {
  std::string version;
  std::string duckdb;  // the version of the loaded library
  std::string build;   // compiler and build type
};

// Returns the versions and the build type of this program. Any thread.
[[nodiscard]] BuildInfo build_info();

}  // namespace offloader::app
