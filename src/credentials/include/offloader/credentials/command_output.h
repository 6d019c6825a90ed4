#pragma once

#include <optional>
#include <string>
#include <vector>

#include "offloader/credentials/credentials.h"

namespace offloader::credentials {

// The path of a command: itself when it holds a `/`, else the first executable of that name in `search` (as
// PATH is written); empty when there is none.
[[nodiscard]] std::string find_command(const std::string& command, const std::string& search);

// What a command (argv[0] a path) prints on standard output, at most 64 KB of it; it reads nothing and its
// standard error goes nowhere. Nothing when it ends with another status than 0, cannot be started, or does
// not end within the limits: then it and its children are killed. Blocking.
[[nodiscard]] std::optional<std::string> command_output(const std::vector<std::string>& argv,
                                                        const FetchLimits& limits);

}  // namespace offloader::credentials
