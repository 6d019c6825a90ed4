#include "plaintext.h"

#include <algorithm>
#include <array>

#include "offloader/base/ascii.h"

namespace offloader::catalog {
namespace {

constexpr std::string_view kPrefix = "offl_";
constexpr std::size_t kDigits = 48;  // after the prefix, as `keys create` generates them
constexpr std::size_t kSuspect =
    16;  // with at least this many word characters after the prefix, it may be a shortened or mistyped token
// Field names that a finding's path may show, because they are no pasted secrets.
constexpr std::array<std::string_view, 13> kPlainNames = {
    "keys",       "id",         "hash",         "tenant",        "endpoints",
    "status",     "san",        "description",  "previous_hash", "certificate",
    "not_before", "expires_at", "allowed_cidrs"};

bool is_word(char c) {
  return ascii::is_alnum(c) || c == '_' || c == '-';
}

// Returns whether `text` begins with the prefix and enough characters to be a token.
bool is_suspect(std::string_view text) {
  if (!text.starts_with(kPrefix)) return false;
  const auto rest = text.substr(kPrefix.size());
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_word);
  return static_cast<std::size_t>(end - rest.begin()) >= kSuspect;
}

// Returns whether a value of the file may be a token, or a field may be named `token`. An escape could spell
// either.
bool may_have_tokens(std::string_view text) {
  constexpr std::string_view kField = "token";
  const auto same = [](char a, char b) { return ascii::to_lower(a) == b; };
  return text.find(kPrefix) != std::string_view::npos || text.find('\\') != std::string_view::npos ||
         std::search(text.begin(), text.end(), kField.begin(), kField.end(), same) != text.end();
}

}  // namespace

PlaintextSearch::PlaintextSearch(Source* source, std::string_view text)
    : source_(source), possible_(may_have_tokens(text)) {}

void PlaintextSearch::walk(const Value& value) {
  if (!possible_ || !value.present()) return;
  seen_.clear();
  walk(value.node, value.path);
}

void PlaintextSearch::walk(const yaml::NodePtr& node, const std::string& path) {
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
    const bool plain = token || std::ranges::find(kPlainNames, name) != kPlainNames.end();
    const std::string below = !plain ? path : path.empty() ? name : path + "." + name;
    if (token || is_api_token(name)) {
      report(entry.key->line, below, Severity::error);
      if (entry.value->items.empty() && entry.value->entries.empty()) continue;
    }
    walk(entry.key, path);
    walk(entry.value, below);
  }
}

void PlaintextSearch::scan(std::string_view text) {
  int line = 1;
  std::size_t counted = 0;
  for (std::size_t i = text.find(kPrefix); i != std::string_view::npos; i = text.find(kPrefix, i + 1)) {
    line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                                        text.begin() + static_cast<std::ptrdiff_t>(i), '\n'));
    counted = i;
    if (i > 0 && is_word(text[i - 1])) continue;
    if (is_suspect(text.substr(i)) && !lines_.contains(line)) report(line, "", Severity::warning);
  }
}

void PlaintextSearch::report(int line, const std::string& path, Severity severity) {
  if (!reported_.emplace(line, path).second) return;
  lines_.insert(line);
  const bool sure = severity == Severity::error;
  Value{source_, nullptr, line, path}.report(
      "plaintext_token", sure ? "this is a plaintext token" : "this looks like a plaintext token",
      sure ? "create a new key, and write only its hash: this token is no longer secret"
           : "if it is one, create a new key, and write only its hash",
      severity);
}

bool is_api_token(std::string_view text) {
  return text.size() == kPrefix.size() + kDigits && text.starts_with(kPrefix) &&
         std::ranges::all_of(text.substr(kPrefix.size()), ascii::is_hex);
}

}  // namespace offloader::catalog
