#include "yaml_read.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>
#include <unordered_map>

#include "offloader/base/utf8.h"
#include "scalar_kind.h"

namespace offloader::catalog::yaml {
namespace {

struct Refused {
  int line;
  std::string why;
};
struct Cancelled {};

// Finds the dash of an empty list item, because the parser reports the position of what follows it. The
// answers are precomputed for all lines, since a document may have many empty items.
class Dashes {
 public:
  explicit Dashes(const std::vector<std::string_view>& lines) {
    int last = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t at = lines[i].find_first_not_of(" \t");
      const bool dash = at != std::string_view::npos && lines[i][at] == '-';
      before_.push_back(last);
      columns_.push_back(dash ? at : std::string_view::npos);
      if (dash) last = static_cast<int>(i) + 1;
    }
    before_.push_back(last);
  }

  // Returns the 1-based line of the last dash before a 0-based position, or the position's own line if there
  // is none.
  [[nodiscard]] int line_before(int line, int column) const {
    const auto index = std::min(static_cast<std::size_t>(std::max(line, 0)), columns_.size());
    if (index < columns_.size() && column > 0 && columns_[index] < static_cast<std::size_t>(column)) {
      return static_cast<int>(index) + 1;
    }
    return before_[index] != 0 ? before_[index] : line + 1;
  }

 private:
  std::vector<int> before_;           // per line: the last earlier line that begins with a dash, or 0
  std::vector<std::size_t> columns_;  // per line: the column of its leading dash, or npos
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  // `items` may be null; `bytes` is the size of the file.
  TreeBuilder(const Dashes& dashes, const CancelFlag* cancel, const Items* items = nullptr,
              std::size_t bytes = 0)
      : dashes_(dashes), cancel_(cancel), items_(items), bytes_(bytes) {}

  void OnDocumentStart(const YAML::Mark&) override { anchors_.clear(); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = std::make_shared<Node>();
    const bool in_block_list = !open_.empty() && open_.back().node->kind == Kind::sequence;
    node->line = in_block_list ? dashes_.line_before(mark.line, mark.column) : line_of(mark);
    keep(anchor, node);
    add(node);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{line_of(mark), "contains an alias inside its own anchor"};
    if (static_cast<int>(open_.size()) + found->second->height > kMaxLevels) too_deep(line_of(mark));
    add(found->second, line_of(mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = std::make_shared<Node>();
    node->line = line_of(mark);
    node->kind = kind_of_scalar(tag, value);
    node->text = value;
    node->text_bytes = value.size();
    keep(anchor, node);
    add(node);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Kind::sequence, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

  NodePtr root;

 private:
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    NodePtr key;               // in a map: the key whose value comes next
    bool handed_over = false;  // a list whose items go to `items_`
  };

  // What has been read of values that are visited later, with aliases expanded.
  struct Total {
    std::size_t nodes = 0;
    std::size_t text_bytes = 0;

    void add(const Node& node) {
      nodes += node.weight;
      text_bytes += node.text_bytes;
    }
  };

  static int line_of(const YAML::Mark& mark) { return mark.line + 1; }

  [[noreturn]] static void too_deep(int line) {
    throw Refused{line, "is nested more than " + std::to_string(kMaxLevels) + " levels deep"};
  }

  void open(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (static_cast<int>(open_.size()) >= kMaxLevels) too_deep(line_of(mark));
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->line = line_of(mark);
    const bool handed_over = kind == Kind::sequence && anchor == 0 && begins_items();
    open_.push_back({std::move(node), anchor, nullptr, handed_over});
  }

  // Returns whether the list that begins here is the one of `items_`.
  [[nodiscard]] bool begins_items() {
    if (items_ == nullptr || items_begun_ || open_.size() != 1) return false;
    const Open& file = open_.front();
    items_begun_ = file.node->kind == Kind::map && file.key != nullptr && file.key->text == items_->field;
    return items_begun_;
  }

  static void check(const Total& total, const Total& most, const char* text, int line) {
    if (total.nodes > most.nodes) {
      throw Refused{line,
                    "contains more than " + std::to_string(most.nodes) + " values with its aliases expanded"};
    }
    if (total.text_bytes > most.text_bytes) {
      throw Refused{line, std::string("contains more than ") + text + " of text with its aliases expanded"};
    }
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    ++done.node->height;
    keep(done.anchor, done.node);
    add(done.node);
  }

  void keep(YAML::anchor_t anchor, const std::shared_ptr<Node>& node) {
    if (anchor != 0) anchors_[anchor] = node;
  }

  void add(const NodePtr& node, int line = 0) {
    if (cancel_ != nullptr && cancel_->cancelled()) throw Cancelled{};
    if (open_.empty()) {
      root = node;
      return;
    }
    Open& parent = open_.back();
    if (line == 0) line = node->line;
    if (parent.handed_over) {
      handed_over_.add(*node);
      check(handed_over_, {kMaxNodes + bytes_, kMaxTextBytes + 4 * bytes_}, "four times its size", line);
      items_->item(item_count_++, node);
      return;
    }
    parent.node->height = std::max(parent.node->height, node->height);
    parent.node->weight += node->weight;
    parent.node->text_bytes += node->text_bytes;
    check({parent.node->weight, parent.node->text_bytes}, {kMaxNodes, kMaxTextBytes}, "4 MiB", line);
    if (parent.node->kind == Kind::sequence) {
      parent.node->items.push_back(node);
    } else if (parent.key == nullptr) {
      parent.key = node;
    } else {
      parent.node->entries.push_back({std::move(parent.key), node});
      parent.key = nullptr;
    }
  }

  const Dashes& dashes_;
  const CancelFlag* cancel_;
  const Items* items_;
  const std::size_t bytes_;
  bool items_begun_ = false;
  std::size_t item_count_ = 0;
  Total handed_over_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
};

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

bool is_control(char c) {
  return (c >= 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

// Rejects a long tag prefix, because the parser copies it into every tag that uses it.
bool has_long_tag_directive(std::string_view line) {
  constexpr std::size_t kMaxDirective = 256;
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  return line.size() > kMaxDirective && line.starts_with("%TAG");
}

// Rejects very long flow collections on one line: the parser keeps every token from an opening bracket to the
// end of the line, because the bracket may begin a key.
bool has_too_many_values(std::string_view line) {
  if (line.size() <= kMaxNodes) return false;
  const auto separates = [](char c) { return c == '[' || c == '{' || c == ','; };
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), separates)) > kMaxNodes;
}

// Finds a line that the parser would misread (other encodings, control characters) or could not read in
// bounded time and memory.
std::optional<Refused> unreadable_line(const std::vector<std::string_view>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int line = static_cast<int>(i) + 1;
    if (!is_utf8(lines[i])) return Refused{line, "is not UTF-8"};
    if (std::any_of(lines[i].begin(), lines[i].end(), is_control)) {
      return Refused{line, "contains a control character"};
    }
    if (has_long_tag_directive(lines[i]))
      return Refused{line, "contains a %TAG directive of more than 256 bytes"};
    if (has_too_many_values(lines[i])) {
      return Refused{line, "contains a line of more than " + std::to_string(kMaxNodes) + " values"};
    }
  }
  return std::nullopt;
}

Document refused(int line, std::string why, std::string detail = {}) {
  return {.root = nullptr, .error_line = line, .error = std::move(why), .error_detail = std::move(detail)};
}

Document read_document(const std::string& text, const Items* items, const CancelFlag* cancel) {
  const std::vector<std::string_view> lines = split_lines(text);
  if (auto bad = unreadable_line(lines)) return refused(bad->line, bad->why);
  try {
    const Dashes dashes(lines);
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    TreeBuilder builder(dashes, cancel, items, text.size());
    if (!parser.HandleNextDocument(builder) || builder.root == nullptr) {
      auto empty = std::make_shared<Node>();
      empty->line = 1;
      return {.root = empty};
    }
    NodePtr root = builder.root;
    TreeBuilder next(dashes, cancel);
    if (parser.HandleNextDocument(next)) {
      return refused(next.root ? next.root->line : 0, "contains more than one document");
    }
    return {.root = root};
  } catch (const Cancelled&) {
    return {.error = "was not read completely", .cancelled = true};
  } catch (const Refused& bad) {
    return refused(bad.line, bad.why);
  } catch (const YAML::Exception& error) {
    return refused(std::max(error.mark.line + 1, 0), "is not valid YAML", error.msg);
  } catch (const std::exception& error) {
    return refused(0, "is not valid YAML", error.what());
  }
}

}  // namespace

Document read(const std::string& text, const CancelFlag* cancel) {
  if (text.size() > kMaxBytes) return refused(0, "is larger than 1 MiB");
  return read_document(text, nullptr, cancel);
}

Document read_items(const std::string& text, const Items& items, const CancelFlag* cancel) {
  if (text.size() > items.max_bytes)
    return refused(0, "is larger than " + std::to_string(items.max_bytes >> 20) + " MiB");
  return read_document(text, &items, cancel);
}

}  // namespace offloader::catalog::yaml
