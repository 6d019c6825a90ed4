#include "json_tree.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "offloader/base/utf8.h"

namespace offloader::manifest {
namespace {

// Walks the text and counts lines on the way; the count is shared, because nlohmann copies its iterators.
class LineCountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  LineCountingIterator(const char* at, int* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  LineCountingIterator& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  LineCountingIterator operator++(int) {
    LineCountingIterator before = *this;
    ++*this;
    return before;
  }
  [[maybe_unused]] friend bool operator==(const LineCountingIterator& a, const LineCountingIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const LineCountingIterator& a, const LineCountingIterator& b) {
    return a.at_ != b.at_;
  }

 private:
  const char* at_;
  int* line_;
};

// Builds the tree from nlohmann's events.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(JsonTree& tree, const int& line, int max_depth)
      : tree_(tree), line_(line), max_depth_(max_depth) {}

  bool null() override { return scalar({}); }
  bool boolean(bool value) override {
    JsonNode node{.kind = JsonNode::Kind::boolean};
    node.boolean = value;
    return scalar(std::move(node));
  }
  bool number_integer(number_integer_t value) override {
    JsonNode node{.kind = JsonNode::Kind::integer};
    node.integer = value;
    return scalar(std::move(node));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX))
      return number_float(static_cast<double>(value), {});
    return number_integer(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, const string_t&) override {
    JsonNode node{.kind = JsonNode::Kind::number};
    node.number = value;
    return scalar(std::move(node));
  }
  bool string(string_t& value) override {
    JsonNode node{.kind = JsonNode::Kind::string};
    node.text = std::move(value);
    return scalar(std::move(node));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonNode::Kind::object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(JsonNode::Kind::array); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    level.key = std::move(name);
    level.key_line = line_;
    level.duplicate = !level.names.insert(level.key).second;
    if (level.duplicate) tree_.duplicate_keys.emplace_back(path_of_key(), line_);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    // nlohmann's text begins with its own name and position: what follows the last colon of those is for
    // people.
    const std::string what = error.what();
    const auto detail = what.find(": ", what.find("column"));
    return give_up(detail == std::string::npos ? "not valid JSON"
                                               : "not valid JSON: " + what.substr(detail + 2));
  }

 private:
  struct Level {
    JsonNode node;
    std::string key;
    int key_line = 0;
    bool duplicate = false;
    std::unordered_set<std::string> names;
  };

  bool give_up(std::string error) {
    tree_.error = std::move(error);
    tree_.error_line = line_;
    return false;
  }

  bool open(JsonNode::Kind kind) {
    if (static_cast<int>(levels_.size()) >= max_depth_) {
      return give_up("nested more than " + std::to_string(max_depth_) + " levels deep");
    }
    Level level;
    level.node.kind = kind;
    level.node.line = line_;
    levels_.push_back(std::move(level));
    return true;
  }

  bool close() {
    JsonNode node = std::move(levels_.back().node);
    levels_.pop_back();
    return place(std::move(node));
  }

  bool scalar(JsonNode node) {
    node.line = line_;
    return place(std::move(node));
  }

  bool place(JsonNode node) {
    if (levels_.empty()) {
      tree_.root = std::move(node);
      return true;
    }
    Level& level = levels_.back();
    if (level.node.kind == JsonNode::Kind::array) {
      level.node.items.push_back(std::move(node));
    } else if (!level.duplicate) {
      node.line = level.key_line;
      level.node.members.emplace_back(level.key, std::move(node));
    }
    return true;
  }

  std::string path_of_key() const {
    std::string path;
    for (const Level& level : levels_) {
      if (level.node.kind == JsonNode::Kind::array) {
        path += "[" + std::to_string(level.node.items.size()) + "]";
      } else {
        path += (path.empty() ? "" : ".") + level.key;
      }
    }
    return path;
  }

  JsonTree& tree_;
  const int& line_;
  int max_depth_;
  std::vector<Level> levels_;
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const {
  const auto at =
      std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == name; });
  return at == members.end() ? nullptr : &at->second;
}

JsonTree parse_json_tree(std::string_view text, int max_depth) {
  JsonTree tree;
  if (!is_utf8(text)) {
    tree.error = "not UTF-8";
    tree.error_line = 1;
    return tree;
  }
  int line = 1;
  TreeBuilder builder(tree, line, max_depth);
  const bool sound =
      nlohmann::json::sax_parse(LineCountingIterator(text.data(), &line),
                                LineCountingIterator(text.data() + text.size(), &line), &builder);
  if (!sound && tree.error.empty()) tree.error = "not valid JSON";
  return tree;
}

}  // namespace offloader::manifest
