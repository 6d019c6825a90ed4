#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/base/cancel.h"

namespace offloader::manifest {

// A JSON document with the line of each value, which nlohmann's own tree does not keep.
struct JsonNode {
  enum class Kind { null, boolean, integer, number, string, array, object };

  Kind kind = Kind::null;
  int line = 0;  // 1-based; of a member its key's
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text{};
  std::vector<JsonNode> items{};
  std::vector<std::pair<std::string, JsonNode>> members{};  // of a repeated key the first

  [[nodiscard]] const JsonNode* find(std::string_view name) const;
};

struct JsonTree {
  JsonNode root;
  std::string error;  // empty: sound
  int error_line = 0;
  std::vector<std::pair<std::string, int>> duplicate_keys;  // path and line; at most kMaxDuplicates
  std::size_t duplicates = 0;                               // of them all
  bool cancelled = false;
};

// Which members of an object are kept. Others are checked for their syntax and dropped; when a required one
// is missing, the names of the first few are kept with the value null, because one may be a misspelling.
struct JsonMembers {
  std::span<const std::string> wanted{};  // empty: all are kept
  std::span<const std::string> required{};
};

// How much of a document is kept.
struct JsonBounds {
  int max_depth = 32;
  // Values that are kept. A real manifest of 16 MiB has fewer.
  std::size_t max_values = 1'000'000;
  JsonMembers root{};
  std::string_view list{};  // a member of the root that is a list of objects
  JsonMembers items{};      // of each of them
};

inline constexpr std::size_t kMaxDuplicates = 100;

// Parses RFC 8259 text of valid UTF-8, in linear time. Integers past 64 bits become numbers. `cancel` ends it
// early.
[[nodiscard]] JsonTree parse_json_tree(std::string_view text, const JsonBounds& bounds,
                                       const CancelFlag* cancel = nullptr);

}  // namespace offloader::manifest
