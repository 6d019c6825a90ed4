#pragma once

#include <string>

#include "offloader/base/cancel.h"
#include "yaml_node.h"

namespace offloader::catalog::yaml {

inline constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
inline constexpr int kMaxLevels = 32;
inline constexpr std::size_t kMaxNodes = 200'000;  // aliases followed: what a reader could ever walk
inline constexpr std::size_t kMaxTextBytes =
    4 * kMaxBytes;  // aliases followed: what a reader could ever copy

struct Document {
  NodePtr root{};  // null when the text was refused
  int error_line = 0;
  std::string error{};         // says nothing of the file's contents beyond `error_detail`
  std::string error_detail{};  // the parser's own words, which may quote the file
  bool cancelled = false;
};

// Reads one YAML document, in time and memory linear in the text. Bounded in size, depth and what aliases
// expand to, before anything recursive is built. Never throws for what the text holds. `cancel` ends it
// early.
[[nodiscard]] Document read(const std::string& text, const CancelFlag* cancel = nullptr);

}  // namespace offloader::catalog::yaml
