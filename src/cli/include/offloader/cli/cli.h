#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

// The `offloader` command (cli.md). `main` only calls run().
namespace offloader::cli {

// Everything a command may access, passed in so that tests can observe it.
struct World {
  std::ostream& out;  // results
  std::ostream& err;  // everything else
  std::istream& in;
  std::function<std::optional<std::string>(const std::string&)> environment;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

// Exit codes (cli.md).
inline constexpr int kSuccess = 0;
inline constexpr int kFailed = 1;  // a finding or a failed check
inline constexpr int kUsage = 2;   // unknown flags or invalid values

// Runs one command line and returns the exit code. `arguments` excludes the program's name. Blocks until the
// command is done. Call it from one thread, before any other is started: it changes the process's umask.
[[nodiscard]] int run(const std::vector<std::string>& arguments, World& world);

// Generates the committed documents about the commands; see dev/tools/write_cli_reference.cc.
enum class ReferenceFormat { markdown, manual, bash, zsh };
[[nodiscard]] std::string command_reference(ReferenceFormat format);

}  // namespace offloader::cli
