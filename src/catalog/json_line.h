#pragma once

#include <string>
#include <string_view>

#include "yaml_node.h"

namespace offloader::catalog {

struct JsonLine {
  yaml::NodePtr root{};  // null if the line was rejected
  std::string error{};   // quotes nothing from the file
};

// Reads one JSON value as a tree that keeps duplicate members. Every node has the line `line`. Depth is
// limited as in YAML. Reports every malformed text in `error`; never throws for it.
[[nodiscard]] JsonLine read_json_line(std::string_view text, int line);

}  // namespace offloader::catalog
