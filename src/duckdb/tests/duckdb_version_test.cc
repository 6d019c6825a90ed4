#include <gtest/gtest.h>

#include "duckdb_handle.h"
#include "offloader/duckdb/version.h"

namespace offloader::duckdb {
namespace {

// This module accesses DuckDB's C++ objects, so its headers must be those of the library.
TEST(DuckdbVersion, HeaderVersion_EqualsTheLibraryVersion) {
  EXPECT_EQ(duckdb_header_version(), ::duckdb_library_version());
}

TEST(DuckdbVersion, LibraryVersion_EqualsDuckdbsOwn) {
  EXPECT_EQ(duckdb_library_version(), ::duckdb_library_version());
}

}  // namespace
}  // namespace offloader::duckdb
