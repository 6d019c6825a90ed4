#include <gtest/gtest.h>

#include "duckdb_handle.h"
#include "offloader/duckdb/version.h"

namespace offloader::duckdb {
namespace {

// With headers of another version, what the C++ part of this module takes for DuckDB's objects is not.
TEST(DuckdbVersion, ofTheLibraryIsThatOfTheHeaders) {
  EXPECT_EQ(duckdb_header_version(), ::duckdb_library_version());
}

TEST(DuckdbVersion, isToldOfTheLibrary) {
  EXPECT_EQ(duckdb_library_version(), ::duckdb_library_version());
}

}  // namespace
}  // namespace offloader::duckdb
