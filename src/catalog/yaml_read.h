#pragma once

#include <string>

#include "offloader/base/cancel.h"
#include "yaml_node.h"

namespace offloader::catalog::yaml {

inline constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
inline constexpr int kMaxLevels = 32;
inline constexpr std::size_t kMaxNodes = 200'000;  // aliases expanded: the most that a reader can visit
inline constexpr std::size_t kMaxTextBytes =
    4 * kMaxBytes;  // aliases expanded: the most that a reader can copy

struct Document {
  NodePtr root{};  // null if the text was rejected
  int error_line = 0;
  std::string error{};         // quotes nothing from the file
  std::string error_detail{};  // the parser's message, which may quote the file
  bool cancelled = false;
};

// Reads one YAML document, in time and memory linear in the text. Size, depth and alias expansion are limited
// before anything recursive is built. Reports every malformed text in `error`; never throws for it. Raising
// `cancel` ends it early.
[[nodiscard]] Document read(const std::string& text, const CancelFlag* cancel = nullptr);

}  // namespace offloader::catalog::yaml
