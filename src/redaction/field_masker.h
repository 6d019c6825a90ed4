#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "field_name.h"
#include "steps.h"

namespace offloader::redaction {

// Facts that are found only after the place that they concern. A second pass over the text uses them.
struct Afterwards {
  std::set<std::string> aliases;        // are secret values, so the anchors they name are secret too
  std::set<std::size_t> secret_values;  // positions of the separator in `value: x` before `name: DB_PASSWORD`

  [[nodiscard]] bool empty() const { return aliases.empty() && secret_values.empty(); }
};

// One pass over a text that masks the values of secret fields. Each instance calls run() once, on one thread,
// while the text exists.
class FieldMasker {
 public:
  FieldMasker(std::string_view text, bool tenants, Afterwards known)
      : text_(text), tenants_(tenants), known_(std::move(known)) {}

  std::string run();

  [[nodiscard]] const Afterwards& afterwards() const { return afterwards_; }

 private:
  // Called at a `{` or a list item: earlier names and values belong to another object.
  void begin_object();
  void begin_line();
  // `separator` is the position of the `:`, `=` or `%3D` between name and value.
  [[nodiscard]] bool is_secret(const FieldName& name, std::size_t separator) const;
  // Handles the field whose separator, `separator` bytes long, is at `at`. Returns where to continue.
  std::size_t field(std::size_t at, std::size_t separator);
  // Remembers a `name: DB_PASSWORD`, so that the `value:` before or after it is masked.
  void note_pair(const FieldName& name, std::size_t separator, std::size_t value, bool secret);
  // Writes `mask` in place of the text from `begin` to `end`.
  void put(std::size_t begin, std::size_t end, std::string_view mask);

  // Masks the value that begins at `value`. Returns where to continue (field_value.cc).
  std::size_t secret_value(const FieldName& name, std::size_t separator, std::size_t value);
  std::size_t assigned_value(const FieldName& name, std::size_t separator, std::size_t value, bool first);
  std::size_t plain_value(const FieldName& name, std::size_t value, bool first);
  std::size_t continuation(const FieldName& name, std::size_t at);
  // The end of the following lines that belong to the value of `name`: lines with a deeper indentation, and
  // list items at its own.
  [[nodiscard]] std::size_t continuation_end(const FieldName& name, std::size_t at) const;
  // Whether only indentation, list marks, comment marks or a word such as `export` precede `at` on its line.
  [[nodiscard]] bool first_on_line(std::size_t at) const;
  // Whether `at` follows a `{`, `[` or `,` on its line.
  [[nodiscard]] bool in_flow(std::size_t at) const;
  // The position after the anchors and tags before a value.
  [[nodiscard]] std::size_t after_tags(std::size_t value) const;
  // Whether `at` is inside a quoted text that began on its line. Requires: `at` never decreases.
  [[nodiscard]] bool inside_quotes(std::size_t at);

  // Masks the argument of a secret flag at `at`: `--admin-token abc`, `-password abc`, `-u user:password`,
  // and also `["--admin-token", "abc"]`. Returns where to continue (flag_value.cc).
  std::size_t flag_value(std::size_t at);
  // The start of the argument of the flag from `at` to `end`: after blanks or, if the flag is a list item,
  // the next item. The size of the text if there is none.
  [[nodiscard]] std::size_t flag_argument(std::size_t at, std::size_t end) const;

  std::string_view text_;
  bool tenants_;
  Afterwards known_;       // from the first pass
  Afterwards afterwards_;  // from this pass
  std::string out_;
  std::size_t done_ = 0;                       // the text before it is in out_
  std::size_t line_begin_ = 0;                 // of the current line
  bool named_secret_ = false;                  // whether the last `name:` was secret
  bool unpaired_name_ = false;                 // this object has a name, but no value yet
  std::optional<std::size_t> unpaired_value_;  // this object has a value, but no name yet
  std::size_t quotes_seen_ = 0;
  bool quotes_open_ = false;
};

// Whether a value reveals nothing: it is empty, masked, a literal such as `null`, or a reference such as
// `${DB_PASSWORD}`.
[[nodiscard]] bool is_nothing(std::string_view value);

// Returns the name after the mark (`*` or `&`) at `at`.
[[nodiscard]] std::string word_after(std::string_view text, std::size_t at);

}  // namespace offloader::redaction
