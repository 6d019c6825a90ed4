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

// What is learnt only behind the place that it is about: the text is read again with it.
struct Afterwards {
  std::set<std::string> aliases;        // stand as secret values: what they name is secret too
  std::set<std::size_t> secret_values;  // separators of `value: x` whose `name: DB_PASSWORD` follows

  [[nodiscard]] bool empty() const { return aliases.empty() && secret_values.empty(); }
};

// One reading of a text, which masks the values of secret fields. Used once: construct, run().
class FieldMasker {
 public:
  FieldMasker(std::string_view text, bool tenants, Afterwards known)
      : text_(text), tenants_(tenants), known_(std::move(known)) {}

  std::string run();

  [[nodiscard]] const Afterwards& afterwards() const { return afterwards_; }

 private:
  // A `{` or a list item: names and values before it belong to another object.
  void begin_object();
  void begin_line();
  // `separator` is where the separator of name and value stands.
  [[nodiscard]] bool is_secret(const FieldName& name, std::size_t separator) const;
  // Handles the field whose separator is at `at`; returns where to go on.
  std::size_t field(std::size_t at, std::size_t separator);
  // `name: DB_PASSWORD`: then the `value:` beside it is a secret, on whichever side it stands.
  void note_pair(const FieldName& name, std::size_t separator, std::size_t value, bool secret);
  // Writes `mask` in place of the text from `begin` to `end`.
  void put(std::size_t begin, std::size_t end, std::string_view mask);

  // Masks the value that begins at `value`; returns where to go on (field_value.cc).
  std::size_t secret_value(const FieldName& name, std::size_t separator, std::size_t value);
  std::size_t assigned_value(const FieldName& name, std::size_t separator, std::size_t value, bool first);
  std::size_t plain_value(const FieldName& name, std::size_t value, bool first);
  std::size_t continuation(const FieldName& name, std::size_t at);
  // Lines beneath that belong to the value of `name`: deeper ones, and list items beside an empty value.
  [[nodiscard]] std::size_t continuation_end(const FieldName& name, std::size_t at) const;
  // Whether nothing but indentation, list marks and comment marks stands before it.
  [[nodiscard]] bool first_on_line(std::size_t at) const;
  [[nodiscard]] bool in_flow(std::size_t at) const;
  // Anchors and tags before a value.
  [[nodiscard]] std::size_t after_tags(std::size_t value) const;
  // Whether `at` stands inside of a text that a `"` of its line has opened. Asked for ever later places.
  [[nodiscard]] bool inside_quotes(std::size_t at);

  // `--admin-token abc`, `-password abc`, `-u user:password`; also in a list: `["--admin-token", "abc"]`
  // (flag_value.cc).
  std::size_t flag_value(std::size_t at);
  // Where the argument of the flag that ends at `end` begins: behind blanks, or, where the flag is an item of
  // a list, the next item; `end` where there is none.
  [[nodiscard]] std::size_t flag_argument(std::size_t at, std::size_t end) const;

  std::string_view text_;
  bool tenants_;
  Afterwards known_;       // from an earlier reading
  Afterwards afterwards_;  // from this one
  std::string out_;
  std::size_t done_ = 0;                       // what of the text is in out_
  std::size_t line_begin_ = 0;                 // of the line that is being read
  bool named_secret_ = false;                  // what the last `name:` said
  bool unpaired_name_ = false;                 // it stands in this object, its value not yet
  std::optional<std::size_t> unpaired_value_;  // separator of a value in this object, its name not yet
  std::size_t quotes_seen_ = 0;
  bool quotes_open_ = false;
};

// Values that tell nothing: empty ones, and what takes the secret from elsewhere.
[[nodiscard]] bool is_nothing(std::string_view value);

// The name that follows the mark (`*`, `&`) at `at`.
[[nodiscard]] std::string word_after(std::string_view text, std::size_t at);

}  // namespace offloader::redaction
