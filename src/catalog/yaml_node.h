#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// A YAML document as a tree that keeps every key, including duplicates, and the line of every node.
// yaml-cpp's own nodes silently drop duplicate keys.
namespace offloader::catalog::yaml {

struct Node;
using NodePtr = std::shared_ptr<const Node>;  // an alias shares the node of its anchor

// The kind of a scalar in the core schema of YAML 1.2. `number` is a number other than a plain decimal
// integer.
enum class Kind { null, boolean, integer, number, string, other, sequence, map };

struct Entry {
  NodePtr key;
  NodePtr value;
};

struct Node {
  Kind kind = Kind::null;
  int line = 0;  // 1-based
  std::string text;
  std::vector<NodePtr> items;
  std::vector<Entry> entries;
  int height = 0;              // levels of containers below and including this, aliases expanded
  std::size_t weight = 1;      // nodes below and including this, aliases expanded
  std::size_t text_bytes = 0;  // text below and including this, aliases expanded
};

}  // namespace offloader::catalog::yaml
