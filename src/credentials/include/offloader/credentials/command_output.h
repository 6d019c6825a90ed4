#pragma once

#include <optional>
#include <string>
#include <vector>

#include "offloader/credentials/credentials.h"

namespace offloader::credentials {

// Returns the path of a command: `command` itself if it contains a `/`, else the first executable of that
// name in `search` (in PATH format). Returns empty if there is none.
[[nodiscard]] std::string find_command(const std::string& command, const std::string& search);

// Runs a command and returns its standard output. argv[0] is a path; standard input is empty and standard
// error is discarded. Blocks. Returns nullopt if the command cannot be started, exits with a status other
// than 0, prints more than 64 KiB or exceeds the limits. In the last two cases its process group is killed.
[[nodiscard]] std::optional<std::string> command_output(const std::vector<std::string>& argv,
                                                        const FetchLimits& limits);

}  // namespace offloader::credentials
