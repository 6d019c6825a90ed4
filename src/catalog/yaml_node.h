#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// A YAML document as its events told it: every key kept, duplicates too, and the line of everything.
// yaml-cpp's own nodes drop duplicate keys in silence.
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
  int height = 0;          // levels of containers from here down, aliases followed
  std::size_t weight = 1;  // nodes from here down, aliases followed
};

}  // namespace offloader::catalog::yaml
