#include "json_tree.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "offloader/base/utf8.h"

namespace offloader::manifest {
namespace {

// Iterates over the text and counts lines. The counter is shared, because nlohmann copies its iterators.
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

constexpr std::size_t kLongestName = 63;    // in a path
constexpr std::size_t kLongestError = 200;  // nlohmann's messages may quote the document at any length
constexpr std::size_t kMaxUnknown = 16;     // names kept per object

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Builds the tree from nlohmann's events.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(JsonTree& tree, const int& line, const JsonBounds& bounds, const CancelFlag* cancel)
      : tree_(tree), line_(line), bounds_(bounds), cancel_(cancel) {}

  bool null() override { return scalar({}); }
  bool boolean(bool value) override { return scalar({.kind = JsonNode::Kind::boolean, .boolean = value}); }
  bool number_integer(number_integer_t value) override {
    return scalar({.kind = JsonNode::Kind::integer, .integer = value});
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) return number_float(0, {});
    return number_integer(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t, const string_t&) override {
    return scalar({.kind = JsonNode::Kind::number});
  }
  bool string(string_t& value) override {
    if (skipping()) return scalar({});
    return scalar({.kind = JsonNode::Kind::string, .text = std::move(value)});
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonNode::Kind::object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(JsonNode::Kind::array); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (stopped()) return false;
    if (skipped_levels_ > 0) return true;
    Level& level = levels_.back();
    level.key = std::move(name);
    level.key_line = line_;
    level.duplicate = !level.names.insert(level.key).second;
    const JsonMembers& members = members_of_level();
    level.dropped = !members.wanted.empty() && !contains(members.wanted, level.key);
    if (level.dropped && level.unknown.size() < kMaxUnknown) level.unknown.push_back(level.key);
    if (level.duplicate) {
      ++tree_.duplicates;
      if (tree_.duplicate_keys.size() < kMaxDuplicates) {
        tree_.duplicate_keys.emplace_back(path_of_key(), line_);
      }
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    // nlohmann's message begins with its own prefix and position, followed by a colon.
    const std::string what = error.what();
    const auto detail = what.find(": ", what.find("column"));
    return give_up(detail == std::string::npos
                       ? "is not valid JSON"
                       : shortened("is not valid JSON: " + what.substr(detail + 2), kLongestError));
  }

 private:
  struct Level {
    JsonNode node;
    std::string key;
    int key_line = 0;
    bool duplicate = false;
    bool dropped = false;  // the value of `key` is not wanted
    std::unordered_set<std::string> names;
    std::vector<std::string> unknown;  // the first names that were dropped
  };

  [[nodiscard]] const JsonMembers& members_of_level() const {
    static constexpr JsonMembers kAll;
    if (levels_.size() == 1) return bounds_.root;
    const bool item = levels_.size() == 3 && levels_[0].node.kind == JsonNode::Kind::object &&
                      levels_[1].node.kind == JsonNode::Kind::array && levels_[0].key == bounds_.list;
    return item ? bounds_.items : kAll;
  }

  bool give_up(std::string error) {
    tree_.error = std::move(error);
    tree_.error_line = line_;
    return false;
  }

  bool stopped() {
    if (cancel_ == nullptr || !cancel_->cancelled()) return false;
    tree_.cancelled = true;
    return true;
  }

  [[nodiscard]] bool skipping() const {
    return skipped_levels_ > 0 || (!levels_.empty() && (levels_.back().dropped || levels_.back().duplicate));
  }

  bool open(JsonNode::Kind kind) {
    if (stopped()) return false;
    if (static_cast<int>(levels_.size()) + skipped_levels_ >= bounds_.max_depth) {
      return give_up("is nested more than " + std::to_string(bounds_.max_depth) + " levels deep");
    }
    if (skipping()) {
      ++skipped_levels_;
      return true;
    }
    if (!count()) return false;
    Level level;
    level.node.kind = kind;
    level.node.line = line_;
    levels_.push_back(std::move(level));
    return true;
  }

  bool close() {
    if (skipped_levels_ > 0) {
      --skipped_levels_;
      return true;
    }
    if (!keep_unknown()) return false;
    JsonNode node = std::move(levels_.back().node);
    levels_.pop_back();
    place(std::move(node));
    return true;
  }

  bool keep_unknown() {
    const std::span<const std::string> required = members_of_level().required;
    Level& level = levels_.back();
    const bool lacking = std::any_of(required.begin(), required.end(),
                                     [&](const auto& name) { return level.node.find(name) == nullptr; });
    if (!lacking) return true;
    for (std::string& name : level.unknown) {
      if (!count()) return false;
      level.node.members.emplace_back(std::move(name), JsonNode{.line = level.node.line});
    }
    return true;
  }

  bool scalar(JsonNode node) {
    if (stopped()) return false;
    if (skipping()) return true;
    if (!count()) return false;
    node.line = line_;
    place(std::move(node));
    return true;
  }

  bool count() {
    if (++values_ <= bounds_.max_values) return true;
    return give_up("contains more than " + std::to_string(bounds_.max_values) + " values");
  }

  void place(JsonNode node) {
    if (levels_.empty()) {
      tree_.root = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == JsonNode::Kind::array) {
      level.node.items.push_back(std::move(node));
    } else {
      node.line = level.key_line;
      level.node.members.emplace_back(level.key, std::move(node));
    }
  }

  std::string path_of_key() const {
    std::string path;
    for (const Level& level : levels_) {
      if (level.node.kind == JsonNode::Kind::array) {
        path += "[" + std::to_string(level.node.items.size()) + "]";
      } else {
        path += (path.empty() ? "" : ".") + shortened(level.key, kLongestName);
      }
    }
    return path;
  }

  JsonTree& tree_;
  const int& line_;
  const JsonBounds& bounds_;
  const CancelFlag* cancel_;
  std::vector<Level> levels_;
  int skipped_levels_ = 0;  // levels open inside a dropped value
  std::size_t values_ = 0;
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const {
  const auto at =
      std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == name; });
  return at == members.end() ? nullptr : &at->second;
}

JsonTree parse_json_tree(std::string_view text, const JsonBounds& bounds, const CancelFlag* cancel) {
  JsonTree tree;
  if (!is_utf8(text)) {
    tree.error = "is not UTF-8";
    tree.error_line = 1;
    return tree;
  }
  int line = 1;
  TreeBuilder builder(tree, line, bounds, cancel);
  const bool sound =
      nlohmann::json::sax_parse(LineCountingIterator(text.data(), &line),
                                LineCountingIterator(text.data() + text.size(), &line), &builder);
  if (!sound && tree.error.empty() && !tree.cancelled) tree.error = "is not valid JSON";
  return tree;
}

}  // namespace offloader::manifest
