#include "offloader/credentials/command_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "offloader/base/descriptor.h"

extern char** environ;

namespace offloader::credentials {
namespace {

constexpr std::size_t kMostOutput = 64 * 1024;
constexpr int kStepMilliseconds = 20;

bool expired(const FetchLimits& limits) {
  return std::chrono::steady_clock::now() >= limits.deadline ||
         (limits.cancel != nullptr && limits.cancel->cancelled());
}

// Starts the child in its own process group with its output going to `write_end`. Returns -1 if it cannot be
// started.
pid_t spawn(const std::vector<std::string>& argv, int write_end) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
  if (::posix_spawn_file_actions_init(&files) != 0) return -1;
  if (::posix_spawnattr_init(&attributes) != 0) {
    ::posix_spawn_file_actions_destroy(&files);
    return -1;
  }
  pid_t pid = -1;
  const bool started =
      ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
      ::posix_spawn_file_actions_adddup2(&files, write_end, STDOUT_FILENO) == 0 &&
      ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
      ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) == 0 &&
      ::posix_spawnattr_setpgroup(&attributes, 0) == 0 &&
      ::posix_spawn(&pid, argv.front().c_str(), &files, &attributes, arguments.data(), environ) == 0;
  if (!started) pid = -1;
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return pid;
}

}  // namespace

std::string find_command(const std::string& command, const std::string& search) {
  if (command.empty()) return {};
  if (command.find('/') != std::string::npos)
    return ::access(command.c_str(), X_OK) == 0 ? command : std::string();
  for (std::size_t at = 0; at < search.size();) {
    const std::size_t end = std::min(search.find(':', at), search.size());
    // An empty entry means the working directory; never run a command from there.
    const std::string path = search.substr(at, end - at) + "/" + command;
    if (end > at && ::access(path.c_str(), X_OK) == 0) return path;
    at = end + 1;
  }
  return {};
}

std::optional<std::string> command_output(const std::vector<std::string>& argv, const FetchLimits& limits) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const pid_t pid = spawn(argv, writing.get());
  writing.reset();
  std::string output;
  bool ended = false;
  while (pid > 0 && !ended && output.size() <= kMostOutput && !expired(limits)) {
    pollfd readable{reading.get(), POLLIN, 0};
    if (::poll(&readable, 1, kStepMilliseconds) <= 0) continue;
    char bytes[4096];
    const ssize_t count = ::read(reading.get(), bytes, sizeof bytes);
    if (count > 0) output.append(bytes, static_cast<std::size_t>(count));
    ended = count <= 0;
  }
  reading.reset();
  if (pid <= 0) return std::nullopt;
  // The output has ended, but the process may need a moment to exit, or may never exit.
  int status = 0;
  pid_t reaped = 0;
  while (ended && !expired(limits) && (reaped = ::waitpid(pid, &status, WNOHANG)) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (reaped != pid) {
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, &status, 0);
    return std::nullopt;
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return output;
}

}  // namespace offloader::credentials
