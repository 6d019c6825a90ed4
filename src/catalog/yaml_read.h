#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

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

// A list that is too long to be held as one tree: each item is handed over once it is complete.
struct Items {
  std::string_view field;                                 // of the root mapping, whose value is the list
  std::size_t max_bytes = 0;                              // of the file
  std::function<void(std::size_t, const NodePtr&)> item;  // called with its index and the item
};

// As read(), but hands the items of one list to `items.item` and leaves them out of the tree. If the text is
// rejected, the items before the mistake have been handed over already. The list stays in the tree if it has
// an anchor, is an alias, or repeats the field. With aliases expanded, all items together may contain at most
// kMaxNodes values and one for each byte of the file, and text of kMaxTextBytes and four times the file.
[[nodiscard]] Document read_items(const std::string& text, const Items& items, const CancelFlag* cancel);

}  // namespace offloader::catalog::yaml
