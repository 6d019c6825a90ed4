#include <algorithm>
#include <set>
#include <unordered_set>

#include "drafts.h"

namespace offloader::catalog {
namespace {

constexpr std::string_view kPrefix = "offl_";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

class TokenSearch {
 public:
  explicit TokenSearch(Source* source) : source_(source) {}

  void walk(const yaml::NodePtr& node, const std::string& path) {
    if (!seen_.insert(node.get()).second) return;
    if (node->text.starts_with(kPrefix)) report(node->line, path);
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      walk(node->items[i], path + "[" + std::to_string(i) + "]");
    }
    for (const yaml::Entry& entry : node->entries) {
      const std::string& name = entry.key->text;
      const bool token = lower_case(name) == "token";
      const bool plain = token || name == "keys" || name == "id" || name == "hash" || name == "tenant" ||
                         name == "endpoints" || name == "status";
      const std::string below = !plain ? path : path.empty() ? name : path + "." + name;
      if (token || name.starts_with(kPrefix)) {
        report(entry.key->line, below);
        if (entry.value->items.empty() && entry.value->entries.empty()) continue;
      }
      walk(entry.key, path);
      walk(entry.value, below);
    }
  }

  // What a comment holds, or a file that is no YAML: the prefix and enough after it to be a token.
  void scan(std::string_view text) {
    constexpr std::size_t kSecret = 16;
    int line = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') ++line;
      if ((i > 0 && is_word(text[i - 1])) || !text.substr(i).starts_with(kPrefix)) continue;
      const auto rest = text.substr(i + kPrefix.size());
      const auto end = std::find_if_not(rest.begin(), rest.end(), is_word);
      if (static_cast<std::size_t>(end - rest.begin()) >= kSecret && !lines_.contains(line)) report(line, "");
    }
  }

 private:
  void report(int line, const std::string& path) {
    if (!reported_.emplace(line, path).second) return;
    lines_.insert(line);
    Value{source_, nullptr, line, path}.report(
        "plaintext_token", "a token stands here in the clear",
        "write its SHA-256 under `hash`, and make a new token: this one is no secret any more");
  }

  Source* source_;
  std::unordered_set<const yaml::Node*> seen_;
  std::set<std::pair<int, std::string>> reported_;
  std::set<int> lines_;
};

}  // namespace

void report_plaintext_tokens(const Value& root, const std::string& text) {
  TokenSearch search(root.source);
  if (root.present()) search.walk(root.node, "");
  search.scan(text);
}

}  // namespace offloader::catalog
