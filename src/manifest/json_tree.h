#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace offloader::manifest {

// A JSON document with the line of each value, which nlohmann's own tree does not keep.
struct JsonNode {
  enum class Kind { null, boolean, integer, number, string, array, object };

  Kind kind = Kind::null;
  int line = 0;  // 1-based; of a member its key's
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string text{};
  std::vector<JsonNode> items{};
  std::vector<std::pair<std::string, JsonNode>> members{};  // of a repeated key the first

  [[nodiscard]] const JsonNode* find(std::string_view name) const;
};

struct JsonTree {
  JsonNode root;
  std::string error;  // empty: sound
  int error_line = 0;
  std::vector<std::pair<std::string, int>> duplicate_keys;  // path and line
};

// Parses RFC 8259 text of valid UTF-8, at most `max_depth` levels deep. Integers past 64 bits become numbers.
[[nodiscard]] JsonTree parse_json_tree(std::string_view text, int max_depth);

}  // namespace offloader::manifest
