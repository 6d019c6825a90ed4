#include <algorithm>
#include <set>
#include <unordered_set>

#include "drafts.h"
#include "offloader/base/ascii.h"

namespace offloader::catalog {
namespace {

constexpr std::string_view kPrefix = "offl_";
constexpr std::size_t kDigits = 48;  // after the prefix, as `keys create` generates them
constexpr std::size_t kSuspect =
    16;  // with at least this many word characters after the prefix, it may be a shortened or mistyped token

bool is_word(char c) {
  return ascii::is_alnum(c) || c == '_' || c == '-';
}

class TokenSearch {
 public:
  explicit TokenSearch(Source* source) : source_(source) {}

  void walk(const yaml::NodePtr& node, const std::string& path) {
    if (!seen_.insert(node.get()).second) return;
    if (is_api_token(node->text)) {
      report(node->line, path, Severity::error);
    } else if (is_suspect(node->text)) {
      report(node->line, path, Severity::warning);
    }
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      walk(node->items[i], path + "[" + std::to_string(i) + "]");
    }
    for (const yaml::Entry& entry : node->entries) {
      const std::string& name = entry.key->text;
      const bool token = ascii::to_lower(name) == "token";
      const bool plain = token || name == "keys" || name == "id" || name == "hash" || name == "tenant" ||
                         name == "endpoints" || name == "status";
      const std::string below = !plain ? path : path.empty() ? name : path + "." + name;
      if (token || is_api_token(name)) {
        report(entry.key->line, below, Severity::error);
        if (entry.value->items.empty() && entry.value->entries.empty()) continue;
      }
      walk(entry.key, path);
      walk(entry.value, below);
    }
  }

  // Finds tokens that the tree does not show: in comments, or in a file that is not YAML.
  void scan(std::string_view text) {
    int line = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') ++line;
      if ((i > 0 && is_word(text[i - 1])) || !text.substr(i).starts_with(kPrefix)) continue;
      if (is_suspect(text.substr(i)) && !lines_.contains(line)) report(line, "", Severity::warning);
    }
  }

 private:
  // Returns whether `text` begins with the prefix and enough characters to be a token.
  static bool is_suspect(std::string_view text) {
    if (!text.starts_with(kPrefix)) return false;
    const auto rest = text.substr(kPrefix.size());
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_word);
    return static_cast<std::size_t>(end - rest.begin()) >= kSuspect;
  }

  void report(int line, const std::string& path, Severity severity) {
    if (!reported_.emplace(line, path).second) return;
    lines_.insert(line);
    const bool sure = severity == Severity::error;
    Value{source_, nullptr, line, path}.report(
        "plaintext_token", sure ? "this is a plaintext token" : "this looks like a plaintext token",
        sure ? "create a new key, and write only its hash: this token is no longer secret"
             : "if it is one, create a new key, and write only its hash",
        severity);
  }

  Source* source_;
  std::unordered_set<const yaml::Node*> seen_;
  std::set<std::pair<int, std::string>> reported_;
  std::set<int> lines_;
};

}  // namespace

bool is_api_token(std::string_view text) {
  return text.size() == kPrefix.size() + kDigits && text.starts_with(kPrefix) &&
         std::ranges::all_of(text.substr(kPrefix.size()), ascii::is_hex);
}

void report_plaintext_tokens(const Value& root, const std::string& text) {
  TokenSearch search(root.source);
  if (root.present()) search.walk(root.node, "");
  search.scan(text);
}

}  // namespace offloader::catalog
