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

// Reads a YAML mapping field by field. Each read checks the shape and reports a finding at the field's place.
// A read that returns nothing has either reported a finding, or the field is optional and absent. Not
// thread-safe: all values of one project report to the same FindingList.
namespace offloader::catalog {

// The file being read, and where its findings go. Must outlive its Values.
struct Source {
  std::string name;     // relative to the project
  bool secret = false;  // a keys file: no finding may repeat its contents
  FindingList* findings = nullptr;

  // Returns `shown` for use in a message: quoted and shortened, or "a value" if the file is secret.
  [[nodiscard]] std::string quote(std::string_view shown) const;
};

// A value with its place. If absent, `node` is null and the place is where it would be.
struct Value {
  Source* source = nullptr;
  yaml::NodePtr node;
  int line = 0;
  std::string path;

  [[nodiscard]] bool present() const { return node != nullptr; }
  [[nodiscard]] bool is_null() const { return node != nullptr && node->kind == yaml::Kind::null; }
  void report(std::string_view code, std::string message, std::string hint = {},
              Severity severity = Severity::error) const;
  // For hints that are expensive: `hint` is called only if the finding will be kept.
  template <std::invocable Hint>
  void report(std::string_view code, std::string message, Hint&& hint,
              Severity severity = Severity::error) const {
    report(code, std::move(message),
           source->findings->has_room(source->name, severity) ? hint() : std::string(), severity);
  }
};

enum class Need { required, optional };

// A mapping. The constructor reports `not_a_map` and `unknown_field`. Of duplicate keys the first counts;
// report_duplicate_keys() reports them.
class Fields {
 public:
  // `hint` is that of `not_a_map`.
  Fields(Value value, std::span<const std::string_view> allowed, std::string hint = {});

  [[nodiscard]] bool readable() const { return readable_; }  // false: not a mapping, which was reported
  // Reports nothing. A value that is present but empty (null, "", [], {}) counts as absent.
  [[nodiscard]] Value at(std::string_view name) const;
  // As at(), but returns an empty value as present.
  [[nodiscard]] Value written(std::string_view name) const;
  [[nodiscard]] const Value& self() const { return self_; }

  // Reports `missing` if the field is required and absent.
  [[nodiscard]] Value get(std::string_view name, Need need) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name, Need need) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, Need need, std::int64_t min,
                                                    std::int64_t max) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view name, Need need) const;
  [[nodiscard]] std::vector<Value> list(std::string_view name,
                                        Need need) const;  // a required list must not be empty

  // Returns the index of the field's value in `words`.
  [[nodiscard]] std::optional<std::size_t> choice(std::string_view name, Need need,
                                                  std::span<const std::string_view> words,
                                                  std::string_view code = "invalid_value") const;

 private:
  Value self_;
  bool readable_ = false;
};

// The same checks for items of lists. An empty text is reported as `invalid_value`.
[[nodiscard]] std::optional<std::string> as_text(const Value& value);
// Returns a scalar as written; integers, numbers and booleans count as text.
[[nodiscard]] std::optional<std::string> as_scalar_text(const Value& value);
[[nodiscard]] std::optional<std::int64_t> as_integer(const Value& value, std::int64_t min, std::int64_t max);
[[nodiscard]] std::vector<Value> as_list(const Value& value);

// Whether the node is the boolean `true`. Reports nothing.
[[nodiscard]] bool is_true(const yaml::Node& node);

// Reports every mapping of the document, at any depth, that names a key twice.
void report_duplicate_keys(const Value& root);

// Returns `did you mean "x"?` if a candidate is near, followed by the whole list if it is short.
[[nodiscard]] std::string hint_for(std::string_view text, std::span<const std::string> candidates,
                                   std::string_view what);
// Returns the same with the whole list of accepted words.
[[nodiscard]] std::string hint_for_words(std::string_view text, std::span<const std::string_view> words);
[[nodiscard]] std::string join(std::span<const std::string> words, std::string_view separator = ", ");

// Shortens `name` for a finding's path, if it is longer than any valid name.
[[nodiscard]] std::string path_part(std::string_view name);

}  // namespace offloader::catalog
