#pragma once

#include <string>

namespace offloader::app {

struct BuildInfo {
  std::string version;
  std::string duckdb;  // the version of the library that is loaded
  std::string build;   // compiler and kind of build
};

[[nodiscard]] BuildInfo build_info();

}  // namespace offloader::app
