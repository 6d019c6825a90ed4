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

// The lines of a text, to find the dash of an empty list item: the parser tells the place of what follows it.
int line_of_dash(const std::vector<std::string_view>& lines, int line, int column) {
  const auto starts_with_dash = [](std::string_view text) {
    const std::size_t at = text.find_first_not_of(" \t");
    return at != std::string_view::npos && text[at] == '-';
  };
  const auto index = std::min(static_cast<std::size_t>(std::max(line, 0)), lines.size());
  if (index < lines.size() &&
      starts_with_dash(lines[index].substr(0, static_cast<std::size_t>(std::max(column, 0))))) {
    return static_cast<int>(index) + 1;
  }
  for (std::size_t i = index; i-- > 0;) {
    if (starts_with_dash(lines[i])) return static_cast<int>(i) + 1;
  }
  return line + 1;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::vector<std::string_view>& lines) : lines_(lines) {}

  void OnDocumentStart(const YAML::Mark&) override { anchors_.clear(); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = std::make_shared<Node>();
    const bool in_block_list = !open_.empty() && open_.back().node->kind == Kind::sequence;
    node->line = in_block_list ? line_of_dash(lines_, mark.line, mark.column) : line_of(mark);
    keep(anchor, node);
    add(node);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{line_of(mark), "an alias stands inside its own anchor"};
    if (static_cast<int>(open_.size()) + found->second->height > kMaxLevels) too_deep(line_of(mark));
    add(found->second, line_of(mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = std::make_shared<Node>();
    node->line = line_of(mark);
    node->kind = kind_of_scalar(tag, value);
    node->text = value;
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
    NodePtr key;  // of a map: the key whose value comes next
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
    open_.push_back({std::move(node), anchor, nullptr});
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
    if (open_.empty()) {
      root = node;
      return;
    }
    Open& parent = open_.back();
    parent.node->height = std::max(parent.node->height, node->height);
    parent.node->weight += node->weight;
    if (parent.node->weight > kMaxNodes) {
      throw Refused{line != 0 ? line : node->line,
                    "holds more than " + std::to_string(kMaxNodes) + " values, aliases followed"};
    }
    if (parent.node->kind == Kind::sequence) {
      parent.node->items.push_back(node);
    } else if (parent.key == nullptr) {
      parent.key = node;
    } else {
      parent.node->entries.push_back({std::move(parent.key), node});
      parent.key = nullptr;
    }
  }

  const std::vector<std::string_view>& lines_;
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

// What the parser would misread instead of refusing: other encodings and control characters.
std::optional<Refused> unreadable_line(const std::vector<std::string_view>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int line = static_cast<int>(i) + 1;
    if (!is_utf8(lines[i])) return Refused{line, "is not UTF-8"};
    if (std::any_of(lines[i].begin(), lines[i].end(), is_control)) {
      return Refused{line, "holds a control character"};
    }
  }
  return std::nullopt;
}

Document refused(int line, std::string why, std::string detail = {}) {
  return Document{nullptr, line, std::move(why), std::move(detail)};
}

}  // namespace

Document read(const std::string& text) {
  if (text.size() > kMaxBytes) return refused(0, "is larger than 1 MiB");
  const std::vector<std::string_view> lines = split_lines(text);
  if (auto bad = unreadable_line(lines)) return refused(bad->line, bad->why);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    TreeBuilder builder(lines);
    if (!parser.HandleNextDocument(builder) || builder.root == nullptr) {
      auto empty = std::make_shared<Node>();
      empty->line = 1;
      return Document{empty, 0, {}, {}};
    }
    NodePtr root = builder.root;
    TreeBuilder next(lines);
    if (parser.HandleNextDocument(next)) {
      return refused(next.root ? next.root->line : 0, "holds more than one document");
    }
    return Document{root, 0, {}, {}};
  } catch (const Refused& bad) {
    return refused(bad.line, bad.why);
  } catch (const YAML::Exception& error) {
    return refused(std::max(error.mark.line + 1, 0), "is not YAML", error.msg);
  } catch (const std::exception& error) {
    return refused(0, "is not YAML", error.what());
  }
}

}  // namespace offloader::catalog::yaml
