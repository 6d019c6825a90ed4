#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/catalog/finding_list.h"
#include "yaml_node.h"

// Reading a mapping field by field: each read checks the shape and reports what is wrong at its place. A read
// that returns nothing has already reported, or the field is optional and absent.
namespace offloader::catalog {

// The file that is being read, and where its findings go.
struct Source {
  std::string name;     // relative to the project
  bool secret = false;  // a keys file: no finding repeats what it holds
  FindingList* findings = nullptr;

  // `shown` as it may appear in a message: quoted and cut, or "a value" when the file is secret.
  [[nodiscard]] std::string quote(std::string_view shown) const;
};

// A value at its place; absent when `node` is null, and then the place is where it would be.
struct Value {
  Source* source = nullptr;
  yaml::NodePtr node;
  int line = 0;
  std::string path;

  [[nodiscard]] bool present() const { return node != nullptr; }
  [[nodiscard]] bool is_null() const { return node != nullptr && node->kind == yaml::Kind::null; }
  void report(std::string_view code, std::string message, std::string hint = {},
              Severity severity = Severity::error) const;
  // For a hint that takes time: `hint` is called only if the finding is kept.
  template <std::invocable Hint>
  void report(std::string_view code, std::string message, Hint&& hint,
              Severity severity = Severity::error) const {
    report(code, std::move(message),
           source->findings->has_room(source->name, severity) ? hint() : std::string(), severity);
  }
};

enum class Need { required, optional };

// A mapping. Reports `not_a_map`, `duplicate_key` and `unknown_field` when made; the first of duplicates
// counts.
class Fields {
 public:
  Fields(Value value, std::span<const std::string_view> allowed);

  [[nodiscard]] bool readable() const { return readable_; }  // false: not a mapping, and reported
  // No report when absent. What is present and empty (null, "", [], {}) counts as absent.
  [[nodiscard]] Value at(std::string_view name) const;
  // As written, empty or not.
  [[nodiscard]] Value written(std::string_view name) const;
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

// The same checks for the items of lists. An empty text is `invalid_value`.
[[nodiscard]] std::optional<std::string> as_text(const Value& value);
// A scalar as it is written: an integer, number or boolean counts as text too.
[[nodiscard]] std::optional<std::string> as_scalar_text(const Value& value);
[[nodiscard]] std::optional<std::int64_t> as_integer(const Value& value, std::int64_t min, std::int64_t max);
[[nodiscard]] std::vector<Value> as_list(const Value& value);

// Reports every mapping of the document that names a key twice, at any depth.
void report_duplicate_keys(const Value& root);

// `did you mean "x"?` where one is near, and the whole list where it is short.
[[nodiscard]] std::string hint_for(std::string_view text, std::span<const std::string> candidates,
                                   std::string_view what);
[[nodiscard]] std::string join(std::span<const std::string> words, std::string_view separator = ", ");

// `name` as part of a finding's path: cut where it is longer than any name can be.
[[nodiscard]] std::string path_part(std::string_view name);

}  // namespace offloader::catalog
