#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/catalog/finding.h"
#include "offloader/catalog/key_table.h"

namespace offloader::catalog {

// The text of a keys file, for edits that keep comments, order, line breaks and everything else that they do
// not concern. Each edit returns the whole new text; it does not check whether the keys are valid. Edits fail
// with `conflict` if there is no such key or it is written in a way that they cannot change safely; the
// message says why, with the line, and repeats no value. Immutable. Any thread.
class KeysText {
 public:
  // `name` tells NDJSON from YAML. Fails with `invalid_config` if the text is neither.
  [[nodiscard]] static Result<KeysText> parse(std::string text, std::string_view name);

  [[nodiscard]] bool contains(std::string_view id) const;
  // Returns the text of a field of a key; nullopt if the key or the field is not there, or is no text.
  [[nodiscard]] std::optional<std::string> field(std::string_view id, std::string_view name) const;

  // A new key. Its fields are written as text, but for those that are unset.
  struct Entry {
    std::string id;
    std::string hash{};
    std::optional<std::string> tenant{};
    std::vector<std::string> endpoints{};
    std::string description{};
    std::string not_before{};
    std::string expires_at{};
    std::vector<std::string> allowed_cidrs{};
  };
  // Returns a key as an item of a YAML list, whose dash is in column `dash`.
  [[nodiscard]] static std::string yaml_of(const Entry& entry, std::size_t dash);
  // Adds a key after the last one.
  [[nodiscard]] Result<std::string> with(const Entry& entry) const;
  // Sets a field of a key to a text. If the key does not have the field, adds it after `after`, which it has.
  [[nodiscard]] Result<std::string> with_field(std::string_view id, std::string_view name,
                                               std::string_view value, std::string_view after) const;
  // Removes a field, and keeps a comment on its line. Returns the same text if the key does not have it.
  [[nodiscard]] Result<std::string> without_field(std::string_view id, std::string_view name) const;

 private:
  struct Field {
    std::string name{};
    std::string value{};         // of a scalar
    bool scalar = false;         // with a place that is certain
    bool is_text = false;        // neither null nor a container
    std::size_t name_begin = 0;  // offsets in the text
    std::size_t begin = 0;       // of the value, with its quotes
    std::size_t end = 0;
  };
  struct Place {
    int line = 0;
    std::size_t begin = 0;  // in NDJSON, the line; in YAML, where the mapping begins
    std::size_t end = 0;    // in NDJSON
    bool flow = false;      // `{…}`
    std::vector<Field> fields{};
  };
  class Finder;

  explicit KeysText(std::string text, bool lines) : text_(std::move(text)), lines_(lines) {}

  [[nodiscard]] Result<void> find_lines();
  [[nodiscard]] Result<void> find_yaml();
  [[nodiscard]] const Place* place_of(std::string_view id) const;
  [[nodiscard]] static const Field* field_of(const Place& place, std::string_view name);
  [[nodiscard]] Result<std::string> changed_line(const Place& place, std::string_view name,
                                                 std::optional<std::string_view> value) const;
  [[nodiscard]] Result<std::size_t> indent_of_items() const;
  [[nodiscard]] std::string replaced(std::size_t begin, std::size_t end, std::string_view by) const;
  // Returns the lines with the line breaks of the file.
  [[nodiscard]] std::string as_lines(std::string_view lines) const;
  [[nodiscard]] std::string appended(std::string_view lines) const;

  std::string mark_;  // the byte order mark of the file, if it has one
  std::string text_;  // what follows it
  std::string line_break_ = "\n";
  bool lines_ = false;
  std::vector<Place> places_;
  // In YAML: the value of `keys` if it is an empty list, null or nothing, which the first key replaces.
  bool has_list_ = false;
  bool flow_list_ = false;
  std::size_t list_begin_ = 0;
  std::size_t list_end_ = 0;
};

struct CheckedKeys {
  KeyTable keys;
  Findings findings;
};

// Reads a keys file by itself, as part of no project: which endpoints exist, and whether tenants fit them, is
// not checked. `name` tells NDJSON from YAML, and is the file of the findings.
[[nodiscard]] CheckedKeys check_keys(const std::string& text, const std::string& name);

}  // namespace offloader::catalog
