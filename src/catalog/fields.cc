#include "fields.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>

#include "offloader/base/identifier.h"
#include "offloader/base/utf8.h"

namespace offloader::catalog {
namespace {

using yaml::Kind;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "empty";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "text";
    case Kind::other:
      return "a tagged value";
    case Kind::sequence:
      return "a list";
    case Kind::map:
      return "a mapping";
  }
  return "";
}

std::string child_path(const Value& parent, std::string_view name) {
  return parent.path.empty() ? path_part(name) : parent.path + "." + path_part(name);
}

std::string item_path(const Value& parent, std::size_t index) {
  return parent.path + "[" + std::to_string(index) + "]";
}

bool is_scalar(const yaml::Node& node) {
  return node.kind != Kind::sequence && node.kind != Kind::map;
}

// "present and empty" in project-files.md.
bool is_empty(const yaml::Node& node) {
  return node.kind == Kind::null || (node.kind == Kind::string && node.text.empty()) ||
         (node.kind == Kind::sequence && node.items.empty()) ||
         (node.kind == Kind::map && node.entries.empty());
}

void report_type(const Value& value, std::string_view wanted) {
  std::string message = "must be " + std::string(wanted) + ", not " + std::string(name_of(value.node->kind));
  if (value.is_null()) message = "must be " + std::string(wanted) + ", but is empty";
  const Kind kind = value.node->kind;
  std::string hint;
  if (value.is_null()) hint = "give it a value, or remove it";
  if (wanted == "text" && (kind == Kind::boolean || kind == Kind::integer || kind == Kind::number)) {
    hint = "put it in quotes";
  }
  if (wanted == "an integer" && kind == Kind::string) hint = "write plain digits, without quotes";
  value.report("invalid_type", std::move(message), std::move(hint));
}

std::vector<std::string> to_strings(std::span<const std::string_view> words) {
  return {words.begin(), words.end()};
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

// Returns, for example, `did you mean "DATE"? use DATE, TIMESTAMP or JSON`.
// In a keys file a secret may have been pasted in place of a field name, so leave the name out of the path.
std::string shown_path(const Value& parent, const std::string& key) {
  return parent.source->secret ? parent.path : child_path(parent, key);
}

class DuplicateSearch {
 public:
  explicit DuplicateSearch(const Value& root) : source_(root.source) {}

  void walk(const yaml::Node& node) {
    if (is_scalar(node) || !seen_.insert(&node).second) return;
    const std::size_t here = path_.size();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      path_ += "[" + std::to_string(i) + "]";
      walk(*node.items[i]);
      path_.resize(here);
    }
    std::unordered_map<std::string_view, int> first_lines;
    for (const yaml::Entry& entry : node.entries) {
      const std::string& key = entry.key->text;
      if (!is_scalar(*entry.key)) walk(*entry.key);
      // See shown_path(): a key of a keys file may be a pasted secret.
      if (!source_->secret) path_ += (path_.empty() ? "" : ".") + path_part(key);
      if (is_scalar(*entry.key)) {
        const auto [first, inserted] = first_lines.emplace(key, entry.key->line);
        if (!inserted) report(entry, first->second);
      }
      walk(*entry.value);
      path_.resize(here);
    }
  }

 private:
  void report(const yaml::Entry& entry, int first_line) {
    const Value place{source_, entry.value, entry.key->line, path_};
    place.report("duplicate_key",
                 "the key " + source_->quote(entry.key->text) + " appears twice, first on line " +
                     std::to_string(first_line),
                 "keep one of them");
  }

  Source* source_;
  std::string path_;
  std::unordered_set<const yaml::Node*> seen_;
};

}  // namespace

std::string hint_for_words(std::string_view text, std::span<const std::string_view> words) {
  const std::vector<std::string> names = to_strings(words);
  const auto same = std::ranges::find_if(names, [&](const auto& name) { return same_letters(name, text); });
  const auto near = same != names.end() ? std::optional(*same) : nearest_match(text, names);
  std::string hint = near ? "did you mean \"" + *near + "\"? use " : "use ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) hint += i + 1 == names.size() ? " or " : ", ";
    hint += names[i];
  }
  return hint;
}

bool is_true(const yaml::Node& node) {
  return node.kind == Kind::boolean && (node.text.front() == 't' || node.text.front() == 'T');
}

std::string Source::quote(std::string_view shown) const {
  if (secret) return "a value";
  constexpr std::size_t kShown = 80;
  return '"' + shortened(shown, kShown) + '"';
}

void Value::report(std::string_view code, std::string message, std::string hint, Severity severity) const {
  source->findings->add({.file = source->name,
                         .line = line,
                         .path = path,
                         .code = std::string(code),
                         .message = std::move(message),
                         .hint = std::move(hint),
                         .severity = severity});
}

Fields::Fields(Value value, std::span<const std::string_view> allowed, std::string hint)
    : self_(std::move(value)) {
  if (!self_.present()) return;
  if (self_.node->kind != Kind::map) {
    self_.report("not_a_map",
                 self_.is_null() ? "must be a mapping, but is empty"
                                 : "must be a mapping, not " + std::string(name_of(self_.node->kind)),
                 std::move(hint));
    return;
  }
  readable_ = true;
  const auto allowed_names = [&] { return "allowed: " + join(to_strings(allowed)); };
  std::unordered_set<std::string_view> seen;
  for (const yaml::Entry& entry : self_.node->entries) {
    Value place{self_.source, entry.value, entry.key->line, self_.path};
    if (!is_scalar(*entry.key)) {
      place.report("unknown_field", "a field name must be text, not a list or a mapping", allowed_names);
      continue;
    }
    const std::string& key = entry.key->text;
    if (!seen.insert(key).second || std::find(allowed.begin(), allowed.end(), key) != allowed.end()) continue;
    place.path = shown_path(self_, key);
    place.report("unknown_field",
                 self_.source->secret ? "unknown field" : "unknown field " + self_.source->quote(key), [&] {
                   const auto near = nearest_match(key, to_strings(allowed));
                   return (near ? "did you mean \"" + *near + "\"? " : "") + allowed_names();
                 });
  }
}

Value Fields::at(std::string_view name) const {
  Value value = written(name);
  if (value.present() && is_empty(*value.node)) value.node = nullptr;
  return value;
}

Value Fields::written(std::string_view name) const {
  if (readable_) {
    for (const yaml::Entry& entry : self_.node->entries) {
      if (is_scalar(*entry.key) && entry.key->text == name) {
        return {self_.source, entry.value, entry.key->line, child_path(self_, name)};
      }
    }
  }
  return {self_.source, nullptr, self_.line, child_path(self_, name)};
}

Value Fields::get(std::string_view name, Need need) const {
  if (need == Need::optional) return at(name);
  Value value = written(name);
  if (!readable_) return value;
  if (!value.present()) {
    value.report("missing", "`" + std::string(name) + "` is required");
  } else if (value.is_null()) {
    value.report("missing", "`" + std::string(name) + "` is required, but is empty");
    value.node = nullptr;
  }
  return value;
}

std::optional<std::string> Fields::text(std::string_view name, Need need) const {
  const Value value = get(name, need);
  return value.present() ? as_text(value) : std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, Need need, std::int64_t min,
                                            std::int64_t max) const {
  const Value value = get(name, need);
  return value.present() ? as_integer(value, min, max) : std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view name, Need need) const {
  const Value value = get(name, need);
  if (!value.present()) return std::nullopt;
  if (value.node->kind != Kind::boolean) {
    report_type(value, "true or false");
    return std::nullopt;
  }
  return is_true(*value.node);
}

std::vector<Value> Fields::list(std::string_view name, Need need) const {
  const Value value = get(name, need);
  if (!value.present()) return {};
  std::vector<Value> items = as_list(value);
  if (items.empty() && need == Need::required && value.node->kind == Kind::sequence) {
    value.report("missing", "`" + std::string(name) + "` must not be an empty list");
  }
  return items;
}

std::optional<std::size_t> Fields::choice(std::string_view name, Need need,
                                          std::span<const std::string_view> words,
                                          std::string_view code) const {
  const Value value = get(name, need);
  if (!value.present()) return std::nullopt;
  const auto word = as_text(value);
  if (!word) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *word);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  value.report(
      code, "unknown " + std::string(name) + (value.source->secret ? "" : " " + value.source->quote(*word)),
      [&] { return hint_for_words(*word, words); });
  return std::nullopt;
}

std::optional<std::string> as_text(const Value& value) {
  if (value.node->kind != Kind::string) {
    report_type(value, "text");
    return std::nullopt;
  }
  if (value.node->text.empty()) {
    value.report("invalid_value", "must not be empty");
    return std::nullopt;
  }
  return value.node->text;
}

std::optional<std::string> as_scalar_text(const Value& value) {
  const Kind kind = value.node->kind;
  if (kind == Kind::integer || kind == Kind::number || kind == Kind::boolean) return value.node->text;
  return as_text(value);
}

std::optional<std::int64_t> as_integer(const Value& value, std::int64_t min, std::int64_t max) {
  if (value.node->kind != Kind::integer) {
    report_type(value, "an integer");
    return std::nullopt;
  }
  std::string_view text = value.node->text;
  if (text.front() == '+') text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && number >= min && number <= max) return number;
  value.report("invalid_value", number < min && error == std::errc{}
                                    ? "must be at least " + std::to_string(min)
                                    : "must be from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::vector<Value> as_list(const Value& value) {
  if (value.node->kind != Kind::sequence) {
    report_type(value, "a list");
    return {};
  }
  std::vector<Value> items;
  items.reserve(value.node->items.size());
  for (std::size_t i = 0; i < value.node->items.size(); ++i) {
    const yaml::NodePtr& item = value.node->items[i];
    items.push_back({value.source, item, item->line, item_path(value, i)});
  }
  return items;
}

void report_duplicate_keys(const Value& root) {
  if (root.present()) DuplicateSearch(root).walk(*root.node);
}

std::string hint_for(std::string_view text, std::span<const std::string> candidates, std::string_view what) {
  std::string hint;
  if (auto near = nearest_match(text, candidates)) hint = "did you mean \"" + *near + "\"? ";
  constexpr std::size_t kListed = 20;
  if (!candidates.empty() && candidates.size() <= kListed) {
    hint += std::string(what) + ": " + join(candidates);
  } else if (!hint.empty()) {
    hint.pop_back();
  }
  return hint;
}

std::string path_part(std::string_view name) {
  constexpr std::size_t kLongestName = 63;
  return shortened(name, kLongestName);
}

std::string join(std::span<const std::string> words, std::string_view separator) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += separator;
    joined += word;
  }
  return joined;
}

}  // namespace offloader::catalog
