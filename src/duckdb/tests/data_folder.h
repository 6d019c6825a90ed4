#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "offloader/duckdb/testing/unlocked.h"
#include "offloader/manifest/manifest.h"

namespace offloader::duckdb {

// A temporary folder with data files.
class DataFolder : public ::testing::Test {
 protected:
  DataFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "duckdb_test.XXXXXX").string();
    root_ = std::filesystem::canonical(mkdtemp(pattern.data()));
    std::filesystem::create_directories(root_ / "project");
    std::filesystem::create_directories(root_ / "secret");
  }
  ~DataFolder() override { std::filesystem::remove_all(root_); }

  manifest::ResolvedFile file_of(const std::string& name, manifest::FileFormat format) {
    return {(root_ / name).string(), false, {name, format, {}, {}}};
  }
  manifest::ResolvedFile write(const std::string& name, const std::string& text) {
    std::ofstream(root_ / name) << text;
    return file_of(name, manifest::FileFormat::csv);
  }
  manifest::ResolvedFile parquet(const std::string& name, const std::string& select) {
    const auto done = duckdb::testing::unlocked_connection().query(
        "COPY (" + select + ") TO '" + (root_ / name).string() + "' (FORMAT parquet)");
    EXPECT_TRUE(done) << done.error().detail;
    return file_of(name, manifest::FileFormat::parquet);
  }
  // Writes a file of either format with one row, whose `id` is `id`.
  manifest::ResolvedFile data(const std::string& name, int id) {
    if (name.ends_with(".csv")) return write(name, "id\n" + std::to_string(id) + "\n");
    return parquet(name, "SELECT " + std::to_string(id) + "::BIGINT AS id");
  }

  std::filesystem::path root_;
};

}  // namespace offloader::duckdb
