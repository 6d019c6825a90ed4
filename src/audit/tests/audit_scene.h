#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "offloader/audit/audit.h"
#include "offloader/audit/verify.h"
#include "offloader/base/testing/temporary_folder.h"

namespace offloader::audit {

inline const std::string kSecret(32, 's');

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

// Writes a new file: some file systems write to the disk at once when the content of a file is replaced.
inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << text;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// A log with its file in a temporary folder.
class AuditScene : public ::testing::Test {
 protected:
  void start(AuditOptions options) {
    options.secret = kSecret;
    auto made = Audit::start(std::move(options), *telemetry_, real_clock());
    ASSERT_TRUE(made) << made.error().message;
    audit_ = std::move(*made);
  }
  void start() { start({.path = file(), .secret = {}}); }
  void restart() {
    audit_.reset();
    start();
  }

  std::string file(const std::string& name = "audit.log") const { return (folder_.path() / name).string(); }

  static Record action(const std::string& name) {
    return Record(real_clock().now(), "action").text("action", name);
  }
  void record(const std::string& name) { audit_->record(action(name)); }

  // Waits until the file has this text, and returns whether it does.
  [[nodiscard]] bool await_text(const std::string& text, const std::string& name = "audit.log") const {
    return await([&] { return text_of(file(name)).find(text) != std::string::npos; });
  }
  static bool await(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  Verdict verify_files(const std::vector<std::string>& names = {"audit.log"},
                       std::uint64_t last_seq = 0) const {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(file(name));
    const auto verdict = verify(paths, kSecret, last_seq);
    if (!verdict) throw std::runtime_error(verdict.error().message);
    return *verdict;
  }

  std::vector<nlohmann::json> events(const std::string& name = "audit.log") const {
    std::vector<nlohmann::json> out;
    for (const std::string& line : lines_of(text_of(file(name))))
      out.push_back(nlohmann::json::parse(line, nullptr, false));
    return out;
  }

  TemporaryFolder folder_;
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::unique_ptr<Audit> audit_;
};

inline std::string said(const Verdict& verdict) {
  return verdict.broken ? std::to_string(verdict.broken->line) + ": " + verdict.broken->message : "";
}

}  // namespace offloader::audit
