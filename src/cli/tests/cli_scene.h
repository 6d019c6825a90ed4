#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace offloader::cli {

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

// How to run a command line. The environment contains only these variables.
struct RunOptions {
  std::map<std::string, std::string> environment{};
  std::string input{};
  bool terminal = false;  // both outputs are terminals
};

// Runs a command line in this process, through the same function as main.
[[nodiscard]] Outcome run_cli(const std::vector<std::string>& arguments, const RunOptions& options = {});

[[nodiscard]] std::string contents(const std::filesystem::path& path);
void write(const std::filesystem::path& path, const std::string& text);

// Runs the real program, `offloader serve`, on ephemeral ports until the end of the scope.
class Serving {
 public:
  // Starts it with `--api-port 0 --admin-port 0` and `arguments`.
  Serving(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment);
  ~Serving();
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  // Waits until it has printed its URLs and /ready returns 200. Returns false if it exits first, or after
  // five minutes.
  [[nodiscard]] bool await_ready();
  // Waits until its standard error contains `text`. Returns false if it exits first, or after five minutes.
  [[nodiscard]] bool await_err(const std::string& text);
  // Sends SIGHUP, which reloads the project.
  void hang_up();
  // Sends SIGTERM and returns the exit code.
  [[nodiscard]] int stop();
  [[nodiscard]] std::string out() const { return contents(folder_.path() / "out"); }
  [[nodiscard]] std::string err() const { return contents(folder_.path() / "err"); }
  [[nodiscard]] const std::string& api_url() const { return api_; }
  [[nodiscard]] const std::string& admin_url() const { return admin_; }

 private:
  bool ended();

  TemporaryFolder folder_;
  pid_t child_ = -1;
  int status_ = 0;
  std::string api_;
  std::string admin_;
};

}  // namespace offloader::cli
