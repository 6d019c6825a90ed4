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

// A JSON document as a tree with the line of each value, which nlohmann's own tree does not keep.
struct JsonNode {
  enum class Kind { null, boolean, integer, number, string, array, object };

  Kind kind = Kind::null;
  int line = 0;  // 1-based; for a member, the line of its key
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text{};
  std::vector<JsonNode> items{};
  std::vector<std::pair<std::string, JsonNode>> members{};  // of duplicate keys only the first

  [[nodiscard]] const JsonNode* find(std::string_view name) const;
};

struct JsonTree {
  JsonNode root;
  std::string error;  // empty: the document is valid
  int error_line = 0;
  std::vector<std::pair<std::string, int>> duplicate_keys;  // path and line; at most kMaxDuplicates
  std::size_t duplicates = 0;                               // the number of all duplicate keys
  bool cancelled = false;
};

// Which members of an object to keep. The others are checked for syntax and dropped. If a required member is
// missing, the names of the first few dropped ones are kept with the value null, because one may be a
// misspelling.
struct JsonMembers {
  std::span<const std::string> wanted{};  // empty: keep all
  std::span<const std::string> required{};
};

// How much of a document to keep.
struct JsonBounds {
  int max_depth = 32;
  // Values to keep; more is an error. Real manifests of 16 MiB have fewer.
  std::size_t max_values = 1'000'000;
  JsonMembers root{};
  std::string_view list{};  // the name of a root member that is a list of objects
  JsonMembers items{};      // for each object of `list`
};

inline constexpr std::size_t kMaxDuplicates = 100;

// Parses RFC 8259 text in UTF-8, in linear time. Integers beyond 64 bits become numbers. Reports malformed
// text in `error`. Raising `cancel` ends it early.
[[nodiscard]] JsonTree parse_json_tree(std::string_view text, const JsonBounds& bounds,
                                       const CancelFlag* cancel = nullptr);

}  // namespace offloader::manifest
