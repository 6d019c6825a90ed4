#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http_client.h"
#include "offloader/app/server.h"

namespace offloader::app {

struct TestServerOptions {
  bool use_index = true;
  std::string admin_token{};
  std::chrono::seconds config_sync_interval{0};
  std::chrono::seconds query_timeout{30};
  std::vector<std::string> cors_origins{};
  std::string secret_key_base{std::string(32, 'k')};
  std::chrono::seconds jwks_max_stale{86400};
};

// Restores the umask: a server restricts it for the whole process, but the test goes on to create folders for
// other accounts.
class KeptUmask {
 public:
  KeptUmask() : before_(::umask(0)) { ::umask(before_); }
  KeptUmask(const KeptUmask&) = delete;
  KeptUmask& operator=(const KeptUmask&) = delete;
  ~KeptUmask() { ::umask(before_); }

 private:
  const mode_t before_;
};

// The real server over a project, in this process and on ephemeral ports.
class TestServer {
 public:
  TestServer(const std::filesystem::path& project, const std::filesystem::path& cache,
             TestServerOptions options = {}) {
    settings::Settings settings;
    settings.config = project.string();
    settings.stores = settings::parse_stores(settings::process_environment());
    settings.secret_key_base = options.secret_key_base;
    settings.cache_dir = cache;
    settings.api_port = 0;
    settings.admin_port = 0;
    settings.api_bind = "127.0.0.1";
    settings.refresh_interval = std::chrono::seconds(0);
    settings.pool_size = 4;
    settings.pool_wait = std::chrono::seconds(60);  // so that a busy machine sheds none of a test's requests
    settings.remote_scan_concurrency = 3;
    settings.io_threads = 2;
    settings.duckdb_threads = 2;
    settings.duckdb_memory_limit = 1ULL << 30;
    settings.index = options.use_index;
    settings.admin_token = options.admin_token;
    settings.config_sync_interval = options.config_sync_interval;
    settings.query_timeout = options.query_timeout;
    settings.cors_origins = options.cors_origins;
    settings.jwks_max_stale = options.jwks_max_stale;
    settings.access_log = settings::AccessLog::off;
    settings.log_level = settings::LogLevel::error;
    settings.drain = std::chrono::seconds(0);
    auto started = Server::start(settings);
    if (started) {
      server_ = std::move(*started);
    } else {
      failure_ = started.error().message + " " + started.error().detail;
    }
  }

  [[nodiscard]] bool started() const { return server_ != nullptr; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::uint16_t api_port() const { return server_->api_port(); }
  [[nodiscard]] std::uint16_t admin_port() const { return server_->admin_port(); }

  // Waits until every dataset is served and its status says so: a snapshot is published slightly before its
  // refresh ends. Returns false after five minutes.
  [[nodiscard]] bool await_ready() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (std::chrono::steady_clock::now() < until) {
      if (server_->ready() && all_active()) return true;
      std::this_thread::yield();
    }
    failure_ = "not ready within five minutes";
    return false;
  }

  // Forces a refresh. Returns whether its outcome is `ok`.
  [[nodiscard]] bool refresh(const std::string& dataset) {
    const auto report = server_->refresh_and_wait(dataset);
    if (report && report->status == refresh::Outcome::ok) return true;
    failure_ = report ? report->error + "\n" + catalog::to_text(report->findings) : report.error().message;
    return false;
  }

  [[nodiscard]] Server& server() { return *server_; }

 private:
  [[nodiscard]] bool all_active() const {
    const auto datasets = server_->refresh_status().datasets;
    return std::ranges::all_of(datasets, [](const auto& dataset) { return dataset.active.has_value(); });
  }

  KeptUmask kept_umask_;
  std::unique_ptr<Server> server_;
  std::string failure_;
};

}  // namespace offloader::app
