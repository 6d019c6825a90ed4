#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// A YAML document as its events came: every key is kept, duplicates too, with the line of everything.
// yaml-cpp's own nodes drop duplicate keys silently.
namespace offloader::catalog::yaml {

struct Node;
using NodePtr = std::shared_ptr<const Node>;  // an alias is its anchor's node once more

// What a scalar is by YAML 1.2's core schema; `number` is a number that is not a plain decimal integer.
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
  int height = 0;              // levels of containers from here down, aliases followed
  std::size_t weight = 1;      // nodes from here down, aliases followed
  std::size_t text_bytes = 0;  // of the texts from here down, aliases followed
};

}  // namespace offloader::catalog::yaml
