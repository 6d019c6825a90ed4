#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http_client.h"
#include "offloader/base/descriptor.h"
#include "offloader/base/testing/temporary_folder.h"

namespace offloader::app {

// Runs the real program, `offloader start`, as a separate process, for behaviour that shows only from
// outside. Its log goes to a file. The destructor kills it.
class ServerProcess {
 public:
  struct Options {
    std::map<std::string, std::string> environment{};  // added to defaults that suit a test
    bool as_nobody = false;                            // run as `account` without privileges; needs root
    int account = 65534;                               // uid and gid
    std::filesystem::path cache_dir{};                 // empty: a new folder
    std::size_t max_files = 0;                         // limit on open files; 0: the test's own
    std::vector<std::string> within{};                 // a command that runs the program, such as prlimit
  };

  ServerProcess(const std::filesystem::path& project, Options options);
  explicit ServerProcess(const std::filesystem::path& project) : ServerProcess(project, Options{}) {}
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Waits until /ready is 200 and diagnostics and metrics show each snapshot as active: it is published
  // slightly before. Returns false if the program ends or five minutes pass.
  [[nodiscard]] bool await_ready();
  // Sends SIGTERM and waits. Returns the exit code, or -1 if a signal ended it or it did not end within a
  // minute.
  int stop();
  // Sends a signal. await_exit() then returns the exit code, or -1 if a signal ended it or it did not end
  // within a minute.
  void signal(int number) const;
  int await_exit();
  // Returns the exit code if it has ended, or 128 plus the signal that ended it; nullopt while it runs.
  std::optional<int> exited();
  // Sends SIGKILL and waits for the end.
  void kill();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint16_t api_port() const { return api_port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] const std::filesystem::path& cache_dir() const { return cache_dir_; }
  [[nodiscard]] std::string log() const;

  // Returns the value of a series in /metrics; 0 if it is missing.
  [[nodiscard]] double metric(const std::string& series) const;
  // Returns a field of /proc/{pid}/status in bytes: `VmRSS`, `VmHWM`, `RssAnon`.
  [[nodiscard]] std::uint64_t memory(const std::string& field) const;
  // Resets VmHWM to what is resident now.
  void reset_peak() const;
  // Returns the targets of its file descriptors, from /proc/{pid}/fd.
  [[nodiscard]] std::vector<std::string> open_files() const;
  // Returns deleted files of the cache folder that are still open or mapped, so that their space is not yet
  // free.
  [[nodiscard]] std::vector<std::string> deleted_files() const;

 private:
  TemporaryFolder own_;
  std::filesystem::path cache_dir_;
  pid_t pid_ = -1;
  Descriptor api_reservation_;  // keep the ports from being given to another process
  Descriptor admin_reservation_;
  std::uint16_t api_port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace offloader::app
