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
#include "temporary_folder.h"

namespace offloader::app {

// The real program, `offloader start`, in a process of its own: for what only shows from outside. Its log is
// kept in a file. Killed with this object.
class ServerProcess {
 public:
  struct Options {
    std::map<std::string, std::string> environment{};  // over the defaults, which suit a test
    bool as_nobody = false;             // as `account`, without any right; only root can give its own up
    int account = 65534;                // a uid, and a gid
    std::filesystem::path cache_dir{};  // empty: a folder of its own
    std::size_t max_files = 0;          // its limit on open files; 0: the test's own
    std::vector<std::string> within{};  // a command that runs the program: prlimit and such
  };

  ServerProcess(const std::filesystem::path& project, Options options);
  explicit ServerProcess(const std::filesystem::path& project) : ServerProcess(project, Options{}) {}
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Until /ready is 200; false when the program ends or five minutes pass.
  [[nodiscard]] bool await_ready();
  // SIGTERM, and the exit code; -1 when it did not end by itself within a minute.
  int stop();
  // Sends a signal; await_exit() then gives the exit code, -1 when it did not end by itself within a minute
  // or was ended by a signal.
  void signal(int number) const;
  int await_exit();
  // The exit code once it has ended by itself, 128 and the signal when one ended it; nothing while it runs.
  std::optional<int> exited();
  // SIGKILL, and waits for the end.
  void kill();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint16_t api_port() const { return api_port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] const std::filesystem::path& cache_dir() const { return cache_dir_; }
  [[nodiscard]] std::string log() const;

  // A series of /metrics; 0 when it is not there.
  [[nodiscard]] double metric(const std::string& series) const;
  // Of /proc/{pid}/status, in bytes: `VmRSS`, `VmHWM`.
  [[nodiscard]] std::uint64_t memory(const std::string& field) const;
  // Makes VmHWM start again from what is resident now.
  void reset_peak() const;
  // What its file descriptors are of, as /proc/{pid}/fd says.
  [[nodiscard]] std::vector<std::string> open_files() const;
  // Files of the cache folder that were deleted and are still open or mapped: their space is not free yet.
  [[nodiscard]] std::vector<std::string> deleted_files() const;

 private:
  TemporaryFolder own_;
  std::filesystem::path cache_dir_;
  pid_t pid_ = -1;
  std::uint16_t api_port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace offloader::app
