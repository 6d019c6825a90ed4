#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "offloader/catalog/finding.h"

namespace offloader::cli {

// Formats the output of `--json`: one line, members in insertion order. Invalid UTF-8, as in some file names,
// becomes U+FFFD.
[[nodiscard]] std::string json_line(const nlohmann::ordered_json& value);

// Formats the line of every command that checks files: `{"valid":…,"findings":[…],"findings_total":…}`.
[[nodiscard]] std::string findings_line(bool valid, const catalog::Findings& findings);

}  // namespace offloader::cli
