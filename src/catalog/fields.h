#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/catalog/finding.h"
#include "yaml_node.h"

// Reading a mapping field by field: each read checks the shape and reports what is wrong where it stands. A
// read that gives nothing has already reported, or the field is absent and optional.
namespace offloader::catalog {

// The file that is being read, and where its findings go.
struct Source {
  std::string name;     // relative to the project
  bool secret = false;  // a keys file: no finding repeats what it holds
  Findings* findings = nullptr;

  // `shown` as it may stand in a message: quoted, or a stand-in when the file is secret.
  [[nodiscard]] std::string quote(std::string_view shown) const;
};

// A value at its place; absent when `node` is null, and then the place is where it would stand.
struct Value {
  Source* source = nullptr;
  yaml::NodePtr node;
  int line = 0;
  std::string path;

  [[nodiscard]] bool present() const { return node != nullptr; }
  [[nodiscard]] bool is_null() const { return node != nullptr && node->kind == yaml::Kind::null; }
  void report(std::string_view code, std::string message, std::string hint = {},
              Severity severity = Severity::error) const;
};

enum class Need { required, optional };

// A mapping. Reports `not_a_map`, `duplicate_key` and `unknown_field` when made; the first of duplicates
// counts.
class Fields {
 public:
  Fields(Value value, std::span<const std::string_view> allowed);

  [[nodiscard]] bool readable() const { return readable_; }  // false: not a mapping, and reported
  [[nodiscard]] Value at(std::string_view name) const;       // no report when absent
  [[nodiscard]] const Value& self() const { return self_; }

  // Reports `missing` when required and absent.
  [[nodiscard]] Value get(std::string_view name, Need need) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name, Need need) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, Need need, std::int64_t min,
                                                    std::int64_t max) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view name, Need need) const;
  [[nodiscard]] std::vector<Value> list(std::string_view name,
                                        Need need) const;  // required: not empty either

  // One of `words`: its index.
  [[nodiscard]] std::optional<std::size_t> choice(std::string_view name, Need need,
                                                  std::span<const std::string_view> words,
                                                  std::string_view code = "invalid_value") const;

 private:
  Value self_;
  bool readable_ = false;
};

// The same checks for values that stand in lists. An empty text is `invalid_value`.
[[nodiscard]] std::optional<std::string> as_text(const Value& value);
[[nodiscard]] std::optional<std::int64_t> as_integer(const Value& value, std::int64_t min, std::int64_t max);
[[nodiscard]] std::vector<Value> as_list(const Value& value);

// Every mapping of the document that names a key twice, wherever it stands.
void report_duplicate_keys(const Value& root);

// "did you mean `x`?", or the whole list.
[[nodiscard]] std::string hint_for(std::string_view text, std::span<const std::string> candidates,
                                   std::string_view what);
[[nodiscard]] std::string join(std::span<const std::string> words, std::string_view separator = ", ");

}  // namespace offloader::catalog
