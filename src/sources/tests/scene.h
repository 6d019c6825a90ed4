#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "offloader/base/testing/temporary_folder.h"
#include "offloader/object_store/testing/fake_store.h"
#include "offloader/sources/snapshot_source.h"

// A dataset whose project is in a temporary folder, and an in-memory store.
namespace offloader::sources {

struct Scene {
  catalog::Dataset dataset = [] {
    catalog::Dataset made;
    made.id = "orders";
    made.schema = {{.name = "id", .type = catalog::ColumnType::bigint}};
    return made;
  }();
  object_store::testing::FakeStore store;
  std::vector<std::string> allowed_origins;
  std::string remote_base;  // of the project; empty: the temporary folder
  TemporaryFolder folder;

  [[nodiscard]] std::unique_ptr<SnapshotSource> source() {
    return make_source(dataset, {.allowed_origins = allowed_origins,
                                 .base = remote_base.empty() ? folder.path().string() : remote_base,
                                 .base_remote = !remote_base.empty(),
                                 .store = store});
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() / name, std::ios::trunc) << text;
  }
  // Returns a manifest that lists `files`, which are JSON objects separated by commas.
  static std::string manifest(const std::string& files, const std::string& dataset_id = "orders") {
    return R"({"dataset_id":")" + dataset_id +
           R"(","snapshot_id":"s1","created_at":"2019-12-01T00:00:00Z","watermark":"2019-12-01T00:00:00Z",)"
           R"("schema":[{"name":"id","type":"BIGINT"}],"files":[)" +
           files +
           R"(],"partition_columns":[],"sort_columns":[],"row_count":1,"size_bytes":5,"producer":"test",)"
           R"("upstream_run_id":"run","schema_version":1,"compatibility_policy":"additive_only",)"
           R"("data_quality_status":"passed"})";
  }
};

inline std::vector<std::string> locations_of(const Resolved& resolved) {
  std::vector<std::string> locations;
  for (const manifest::ResolvedFile& file : resolved.files) locations.push_back(file.location);
  return locations;
}

inline std::vector<std::string> codes_of(const Resolved& resolved) {
  std::vector<std::string> codes;
  for (const catalog::Finding& finding : resolved.findings) codes.push_back(finding.code);
  return codes;
}

}  // namespace offloader::sources
