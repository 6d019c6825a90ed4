#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "load_client.h"
#include "numbered_project.h"
#include "server_process.h"

namespace offloader::app {

// The real program over a numbered project, with an operator's actions.
class SnapshotScene : public ::testing::Test {
 protected:
  static bool soak() { return std::getenv("OFFLOADER_SOAK") != nullptr; }

  void make_project(std::size_t datasets, std::int64_t rows);
  // Starts the server and waits until every dataset is served. A second call reuses the cache folder.
  void start(std::map<std::string, std::string> environment = {});
  // Like start(), but returns at once, before the ports are open.
  void launch(std::map<std::string, std::string> environment = {});

  // Returns a plan of 32 connections that read all endpoints and check every answer until stopped.
  [[nodiscard]] LoadPlan readers() const;
  // Expects that the readers saw only correct answers.
  static void expect_sound(const char* what, const LoadResult& seen);

  // Forces a refresh and waits for it. Returns the report.
  nlohmann::json refresh(const std::string& dataset);
  Answer post(const std::string& target);
  void hang_up() const { ::kill(server_->pid(), SIGHUP); }
  // Returns the snapshot and version of a dataset's page for the tenant or key `token_of`; nullopt if the
  // status is not 200.
  std::optional<NumberedProject::Seen> page(std::size_t dataset, std::string_view token_of = "north");
  int status_of(const std::string& endpoint, std::string_view token_of = "north");
  nlohmann::json diagnostics();

  // Returns the cache folders of datasets that do not hold exactly two snapshots, with their files; empty if
  // there are none.
  [[nodiscard]] std::string disorder() const;
  // Waits up to a minute until retired files are gone from the folders and from the process. Returns what is
  // left.
  std::string await_settled();
  // Returns the number of open files, once settled.
  std::size_t settled_files();

  // Waits for a condition. Returns false after two minutes.
  static bool await(const std::function<bool()>& condition);

  TemporaryFolder folder_;
  std::unique_ptr<NumberedProject> project_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<HttpClient> api_;
  std::unique_ptr<HttpClient> admin_;
};

}  // namespace offloader::app
