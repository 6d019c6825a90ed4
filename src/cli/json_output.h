#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "offloader/catalog/finding.h"

namespace offloader::cli {

// What `--json` prints: one line, members in their order. Bytes that are not UTF-8, as a file's name may
// hold, become U+FFFD.
[[nodiscard]] std::string json_line(const nlohmann::ordered_json& value);

// `{"valid":…,"findings":[…],"findings_total":…}` of all commands that check files, as such a line.
[[nodiscard]] std::string findings_line(bool valid, const catalog::Findings& findings);

}  // namespace offloader::cli
