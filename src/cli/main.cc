#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "offloader/cli/cli.h"

int main(int argc, char** argv) try {
  offloader::cli::World world{
      .out = std::cout,
      .err = std::cerr,
      .in = std::cin,
      .environment =
          [](const std::string& name) {
            const char* value = std::getenv(name.c_str());
            return value == nullptr ? std::nullopt : std::optional<std::string>(value);
          },
      .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
      .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
  };
  return offloader::cli::run({argv + 1, argv + argc}, world);
} catch (const std::exception& error) {
  // Most likely out of memory, so do not allocate here.
  std::fputs("offloader: ", stderr);
  std::fputs(error.what(), stderr);
  std::fputs("\n", stderr);
  return 1;
}
