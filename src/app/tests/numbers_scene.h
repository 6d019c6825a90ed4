#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "await.h"
#include "numbers_project.h"
#include "server_process.h"

namespace offloader::app {

inline const std::vector<std::string> kAdminToken = {"authorization: Bearer token"};

// The program over a numbers project, with actions on its admin port.
class NumbersScene {
 public:
  NumbersScene() : NumbersScene("manifest: data/numbers.json") {}
  explicit NumbersScene(const std::string& origin) { numbers::write_project(project(), origin); }

  std::filesystem::path project() const { return folder_.path() / "project"; }
  std::filesystem::path disk() const { return folder_.path() / "disk"; }
  std::filesystem::path cache() const { return disk() / "cache"; }

  void publish(int number, std::int64_t rows) {
    numbers::publish(project(), number, rows);
    rows_[number] = rows;
  }

  void start(std::map<std::string, std::string> more = {}, bool as_nobody = false) {
    std::map<std::string, std::string> environment = std::move(more);
    environment.merge(std::map<std::string, std::string>{{"OFFLOADER_REFRESH_INTERVAL", "0"},
                                                         {"OFFLOADER_ADMIN_TOKEN", "token"},
                                                         {"OFFLOADER_ACCESS_LOG", "off"},
                                                         {"OFFLOADER_POOL_WAIT_MS", "60000"},
                                                         {"OFFLOADER_DUCKDB_THREADS", "2"}});
    server_.reset();
    server_ = std::make_unique<ServerProcess>(
        project(),
        ServerProcess::Options{.environment = environment, .as_nobody = as_nobody, .cache_dir = cache()});
    ASSERT_TRUE(server_->await_ready()) << server_->log();
  }
  ServerProcess& server() { return *server_; }
  int stop() { return server_->stop(); }

  nlohmann::json act(const std::string& path) {
    HttpClient admin(server_->admin_port());
    const Answer answer = admin.send("POST", "/datasets/numbers/" + path, kAdminToken);
    nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
    if (!body.is_object()) body = nlohmann::json::object();
    body["http"] = answer.status;
    return body;
  }
  nlohmann::json refresh() { return act("refresh"); }
  nlohmann::json status() {
    HttpClient admin(server_->admin_port());
    const nlohmann::json all =
        nlohmann::json::parse(admin.get("/diagnostics", kAdminToken).body, nullptr, false);
    return all.is_object() ? all["datasets"][0] : nlohmann::json::object();
  }

  // Expects both endpoints to return complete answers from snapshot `number`, and the server to be ready.
  void expect_serves(int number) {
    HttpClient client(server_->api_port());
    std::string problem;
    EXPECT_EQ(numbers::whole_snapshot(client.get(numbers::kRows), rows_[number], problem), number)
        << problem << server_->log();
    EXPECT_EQ(numbers::scanned_snapshot(client.get(numbers::kScan), rows_[number], problem), number)
        << problem << server_->log();
    HttpClient admin(server_->admin_port());
    EXPECT_EQ(admin.get("/ready").status, 200);
  }
  // Expects the cache folder to contain exactly what it should. Waits, because a replaced file is removed
  // when its last reader is done, which may be after the answer to the refresh.
  void expect_tidy() {
    std::vector<std::string> found;
    await([&] { return (found = numbers::disorder(cache())).empty(); }, std::chrono::minutes(1));
    EXPECT_THAT(found, ::testing::IsEmpty());
  }
  // Returns a snapshot's file in the cache folder; empty if there is none.
  std::filesystem::path file_of(int number, const std::string& extension) const {
    for (const auto& entry : std::filesystem::directory_iterator(cache() / "datasets/numbers")) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("s" + std::to_string(number) + ".") && entry.path().extension() == extension)
        return entry.path();
    }
    return {};
  }
  std::int64_t rows_of(int number) { return rows_[number]; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
  std::map<int, std::int64_t> rows_;
};

}  // namespace offloader::app
