#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"

namespace offloader::audit {

// The first line that is not as the log wrote it, or not where it wrote it.
struct Break {
  std::string file;
  std::uint64_t line = 0;  // from 1
  std::string message;     // what is wrong, for a person
};

struct Verdict {
  std::uint64_t lines = 0;      // that are in order
  std::uint64_t first_seq = 0;  // of these; 0 if there are none
  std::uint64_t last_seq = 0;
  std::uint64_t torn_bytes = 0;  // of a last line that is still being written, or that a crash has torn
  std::optional<Break> broken;
};

// Verifies the lines of the files, which are one log in the order in which it was written. `secret` is the
// master secret. `last_seq`: the number of a line that must be there; 0: unknown, so that lines missing at
// the end of the last file are not noticed. Reads each file once, in memory of a few megabytes. Blocks. Fails
// with `not_found` or `unavailable` if a file cannot be read; the message names it.
[[nodiscard]] Result<Verdict> verify(const std::vector<std::string>& files, std::string_view secret,
                                     std::uint64_t last_seq = 0);

}  // namespace offloader::audit
