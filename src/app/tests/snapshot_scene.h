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

// The real program over a numbered project, with what an operator can do to it.
class SnapshotScene : public ::testing::Test {
 protected:
  static bool soak() { return std::getenv("OFFLOADER_SOAK") != nullptr; }

  void make_project(std::size_t datasets, std::int64_t rows);
  // Again over the same cache folder, when called again. Waits until every dataset serves.
  void start(std::map<std::string, std::string> environment = {});
  // As start(), but returns at once, with the ports not yet open.
  void launch(std::map<std::string, std::string> environment = {});

  // 32 connections that read all endpoints and judge every answer, until stopped.
  [[nodiscard]] LoadPlan readers() const;
  // That the readers saw nothing but sound answers.
  static void expect_sound(const char* what, const LoadResult& seen);

  // Forced, awaited.
  nlohmann::json refresh(const std::string& dataset);
  Answer post(const std::string& target);
  void hang_up() const { ::kill(server_->pid(), SIGHUP); }
  // What a dataset's page says now, for the tenant or key `token_of`; nothing when it is not 200.
  std::optional<NumberedProject::Seen> page(std::size_t dataset, std::string_view token_of = "north");
  int status_of(const std::string& endpoint, std::string_view token_of = "north");
  nlohmann::json diagnostics();

  // The cache folders of datasets that hold other than two snapshots, with what they hold; empty when none
  // does.
  [[nodiscard]] std::string disorder() const;
  // Until what was retired is gone, from the folders and from the process. Says what is left when that does
  // not come within a minute.
  std::string await_settled();
  // As many as are open, once settled.
  std::size_t settled_files();

  // Awaits a condition; false when it does not come within two minutes.
  static bool await(const std::function<bool()>& condition);

  TemporaryFolder folder_;
  std::unique_ptr<NumberedProject> project_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<HttpClient> api_;
  std::unique_ptr<HttpClient> admin_;
};

}  // namespace offloader::app
