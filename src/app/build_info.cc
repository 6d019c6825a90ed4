#include "offloader/app/build_info.h"

#include "offloader/duckdb/version.h"

namespace offloader::app {

BuildInfo build_info() {
#ifdef NDEBUG
  constexpr const char* kKind = "release";
#else
  constexpr const char* kKind = "debug";
#endif
#if defined(__clang__)
  const std::string compiler = "clang " + std::to_string(__clang_major__);
#else
  const std::string compiler = "gcc " + std::to_string(__GNUC__);
#endif
  return {OFFLOADER_VERSION, duckdb::duckdb_library_version(), compiler + ", " + kKind};
}

}  // namespace offloader::app
