#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace offloader::cli {

// What is wrong with a command line, and with which command.
struct UsageError {
  const CLI::App* command;
  std::string message;
};

// Explains why parsing a line with `root` failed. Names the first unknown command or flag, with a similar one
// if there is any; else uses the text of `error`. Leaves out the value of an unknown flag, which may be a
// secret.
[[nodiscard]] UsageError explain(const CLI::App& root, const CLI::ParseError& error);

}  // namespace offloader::cli
