#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "await.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/credentials/testing/credential_book.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/object_store/testing/fake_gcs.h"
#include "offloader/object_store/testing/fake_s3.h"
#include "test_server.h"

namespace offloader::app {

inline bool soak() {
  return std::getenv("OFFLOADER_SOAK") != nullptr;
}

// Fakes of S3 and Google Cloud Storage that check credentials, and the environment variables by which a
// server in this process finds them. The parameter is the scheme: s3 or gs.
class BucketScene : public ::testing::TestWithParam<const char*> {
 protected:
  BucketScene() {
    const auto keys = book_.add_keys("AKIDBUCKET", "a secret of S3");
    const auto token = book_.add_token("a token of GCS");
    set("OFFLOADER_S3_KEY_ID", keys.key_id);
    set("OFFLOADER_S3_SECRET", keys.secret);
    set("OFFLOADER_S3_ENDPOINT", s3_.endpoint());
    set("OFFLOADER_GCS_AUTH", "bearer");
    set("OFFLOADER_GCS_TOKEN", token.token);
    set("OFFLOADER_GCS_ENDPOINT", gcs_.endpoint());
  }
  ~BucketScene() override {
    for (const auto& name : names_) ::unsetenv(name.c_str());
  }

  [[nodiscard]] std::string url(const std::string& rest) const {
    return std::string(GetParam()) + "://bucket/" + rest;
  }
  transport::testing::FakeServer& store() {
    return std::string(GetParam()) == "s3" ? s3_.server() : gcs_.server();
  }
  void put(const std::string& key, std::string bytes) { contents_.put("bucket", key, std::move(bytes)); }

  // Puts a dataset of `rows` CSV rows, each of which contains the snapshot's number, and then its manifest.
  void publish(const std::string& prefix, int snapshot, int rows) {
    std::string csv = "id,snapshot,name\n";
    for (int i = 0; i < rows; ++i)
      csv += std::to_string(i) + "," + std::to_string(snapshot) + ",name " + std::to_string(i) + "\n";
    const std::string part = "part-" + std::to_string(snapshot) + ".csv";
    nlohmann::json manifest{
        {"dataset_id", "numbers"},
        {"snapshot_id", "s" + std::to_string(snapshot)},
        {"created_at", "2026-01-01T00:00:00Z"},
        {"watermark", "2026-01-01T00:00:00Z"},
        {"schema",
         {{{"name", "id"}, {"type", "INTEGER"}},
          {{"name", "snapshot"}, {"type", "INTEGER"}},
          {{"name", "name"}, {"type", "VARCHAR"}}}},
        {"files", {{{"path", part}, {"format", "csv"}, {"row_count", rows}, {"size_bytes", csv.size()}}}},
        {"partition_columns", nlohmann::json::array()},
        {"sort_columns", nlohmann::json::array()},
        {"row_count", rows},
        {"size_bytes", csv.size()},
        {"producer", "test"},
        {"upstream_run_id", "1"},
        {"schema_version", 1},
        {"data_quality_status", "passed"},
        {"compatibility_policy", "additive_only"}};
    put(prefix + "data/" + part, std::move(csv));
    put(prefix + "data/manifest.json", manifest.dump());
  }
  void put_project(const std::string& prefix) {
    put(prefix + "offloader.yml", "version: 1\nauth: none\n");
    put(prefix + "datasets/numbers.yml", dataset("name"));
    for (const char* mode : {"local_table", "remote_scan"})
      put(prefix + "endpoints/" + mode + ".yml", endpoint(mode, 100));
  }
  static std::string dataset(const std::string& third) {
    return "id: numbers\nmanifest: data/manifest.json\nschema:\n  - {name: id, type: INTEGER}\n"
           "  - {name: snapshot, type: INTEGER}\n" +
           (third.empty() ? "" : "  - {name: " + third + ", type: VARCHAR}\n");
  }
  static std::string endpoint(const std::string& mode, int limit, const std::string& third = "name") {
    return "name: " + mode + "\nversion: 1\ndataset: numbers\nserving_mode: " + mode +
           "\nquery:\n  select:\n    - {as: id, column: id}\n    - {as: snapshot, column: snapshot}\n" +
           (third.empty() ? "" : "    - {as: " + third + ", column: " + third + "}\n") +
           "  order_by:\n    - {column: id}\ncolumns: [id, snapshot" + (third.empty() ? "" : ", " + third) +
           "]\npagination: {default_limit: " + std::to_string(limit) +
           ", max_limit: 1000}\ncache: {policy: none}\n";
  }

  object_store::testing::BucketContents contents_;
  credentials::testing::CredentialBook book_;
  object_store::testing::FakeS3 s3_{contents_, book_};
  object_store::testing::FakeGcs gcs_{contents_, book_};
  TemporaryFolder cache_;

 private:
  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    names_.push_back(name);
  }
  std::vector<std::string> names_;
};

}  // namespace offloader::app
