#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "steps.h"

namespace offloader::redaction {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestCommand = 256;  // in which a `<<` is looked for

// What stands before a `:` or `=`.
struct Name {
  std::string text;       // escapes decoded
  std::size_t begin = 0;  // of the name, its quote included
  char quote = '\0';      // that closes right before the separator
  char opened_by = '\0';  // a quote that stands before the name and is still open
};

bool is_name_letter(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

// `\u0070` and `\x70` of a quoted name, as far as they are ASCII.
std::string decode_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digits = text[i] != '\\' || i + 1 == text.size() ? 0
                               : text[i + 1] == 'u'                    ? 4
                               : text[i + 1] == 'x'                    ? 2
                                                                       : 0;
    const std::string_view code = digits == 0 ? std::string_view{} : text.substr(i + 2).substr(0, digits);
    if (code.size() == digits && digits > 0 && std::all_of(code.begin(), code.end(), is_hex)) {
      out += static_cast<char>(ascii::hex_value(code[digits - 2]) * 16 + ascii::hex_value(code[digits - 1]));
      i += 1 + digits;
    } else if (text[i] != '\\') {
      out += text[i];
    }
  }
  return out;
}

// The end of a quoted text that `quote` opened after `backslashes` of them: the place of the backslashes and
// the quote that close it, or the end of the text.
std::size_t closing_quote(std::string_view text, std::size_t at, char quote, std::size_t backslashes) {
  // Each level of quoting doubles the backslashes and adds one.
  const auto closes = [](std::size_t count, std::size_t opened) {
    while (opened > 0 && count % 2 == 1) {
      count = (count - 1) / 2;
      opened = (opened - 1) / 2;
    }
    return count % 2 == 0;
  };
  std::size_t count = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++count;
      continue;
    }
    if (text[at] == quote && closes(count, backslashes)) {
      const bool doubled = quote == '\'' && backslashes == 0 && at + 1 < text.size() && text[at + 1] == '\'';
      if (!doubled) return at - std::min(count, backslashes);
      ++at;  // YAML writes a quote as two
    }
    count = 0;
  }
  return text.size();
}

// What is learnt only behind the place that it is about: the text is read again with it.
struct Afterwards {
  std::set<std::string> aliases;        // stand as secret values: what they name is secret too
  std::set<std::size_t> secret_values;  // separators of `value: x` whose `name: DB_PASSWORD` follows

  [[nodiscard]] bool empty() const { return aliases.empty() && secret_values.empty(); }
};

class FieldMasker {
 public:
  FieldMasker(std::string_view text, bool tenants, Afterwards known)
      : text_(text), tenants_(tenants), known_(std::move(known)) {}

  std::string run() {
    begin_line();
    for (std::size_t at = 0; at < text_.size();) {
      if (text_[at] == '\n') {
        line_begin_ = at + 1;
        begin_line();
      }
      if (text_[at] == '{') begin_object();
      const std::size_t separator = separator_at(at);
      if (separator == 0) {
        at = flag_value(at);
        continue;
      }
      at = field(at, separator);
    }
    return std::move(out_.append(text_.substr(done_)));
  }

  [[nodiscard]] const Afterwards& afterwards() const { return afterwards_; }

 private:
  // A `{` or a list item: names and values before it belong to another object.
  void begin_object() {
    unpaired_name_ = false;
    unpaired_value_.reset();
  }

  void begin_line() {
    const std::size_t mark = text_.find_first_not_of(" \t", line_begin_);
    if (mark != kNone && text_[mark] == '-' && (mark + 1 == text_.size() || is_blank(text_[mark + 1])))
      begin_object();
  }

  // How many letters a separator of name and value takes here; 0: none is here.
  [[nodiscard]] std::size_t separator_at(std::size_t at) const {
    const char c = text_[at];
    if (c == ':' || c == '=') {
      std::size_t end = at + 1;  // `=>`, `:=`, `==`
      while (end < text_.size() && end - at < 3 && (text_[end] == '=' || text_[end] == '>')) ++end;
      return end - at;
    }
    return c == '%' && istarts_with(text_.substr(at), "%3D") ? 3 : 0;
  }

  [[nodiscard]] Name name_before(std::size_t separator) const {
    const std::size_t floor = std::max({done_, line_begin_, separator - std::min(separator, kLongestName)});
    std::size_t end = separator;
    while (end > floor && is_blank(text_[end - 1])) --end;
    if (end == floor) return explicit_key(separator);
    Name name;
    if (const char quote = text_[end - 1]; quote == '"' || quote == '\'') {
      std::size_t close = end - 1;
      while (close > floor && text_[close - 1] == '\\') --close;
      std::size_t open = close;
      while (open > floor && text_[open - 1] != quote) --open;
      if (open == floor) return name;
      name.text = decode_escapes(text_.substr(open, close - open));
      name.begin = open - 1;
      name.quote = quote;
      return name;
    }
    std::size_t begin = end;
    while (begin > floor && is_name_letter(text_[begin - 1])) --begin;
    name.text = text_.substr(begin, end - begin);
    name.begin = begin;
    // "api key: …": the word before belongs to it.
    if (begin > floor + 1 && text_[begin - 1] == ' ' && is_alnum(text_[begin - 2])) {
      std::size_t first = begin - 1;
      while (first > floor && is_name_letter(text_[first - 1])) --first;
      const std::string last = to_lower(name.text);
      const bool pairs =
          last == "key" || last == "keys" || last == "id" || last == "string" || last == "phrase";
      if (pairs && is_secret_name(text_.substr(first, end - first))) {
        name.text = text_.substr(first, end - first);
        name.begin = first;
      }
    }
    if (name.begin > 0 && (text_[name.begin - 1] == '"' || text_[name.begin - 1] == '\'')) {
      name.opened_by = text_[name.begin - 1];
    }
    return name;
  }

  // `? name` on the line before, when nothing but `:` starts this one.
  [[nodiscard]] Name explicit_key(std::size_t separator) const {
    Name name;
    name.begin = separator;
    if (line_begin_ == 0 || line_begin_ <= done_) return name;
    const std::size_t end = line_begin_ - 1;
    std::size_t begin = end == 0 ? 0 : text_.rfind('\n', end - 1);
    begin = begin == kNone ? 0 : begin + 1;
    const std::string_view line = text_.substr(begin, end - begin);
    const std::size_t mark = line.find_first_not_of(" \t-");
    if (mark == kNone || line[mark] != '?' || line.size() - mark > kLongestName) return name;
    for (const char c : decode_escapes(line.substr(mark + 1))) {
      if (is_name_letter(c)) name.text += c;
    }
    return name;
  }

  // Whether nothing but indentation, list marks and comment marks stands before it.
  [[nodiscard]] bool first_on_line(std::size_t at) const {
    std::string_view before = text_.substr(line_begin_, at - line_begin_);
    const std::size_t words = before.find_first_not_of(" \t-?#;/!:");
    if (words == kNone) return true;
    before.remove_prefix(words);
    while (!before.empty() && is_blank(before.back())) before.remove_suffix(1);
    return before == "export" || before == "set" || before == "ENV" || before == "setenv" ||
           before == "declare -x";
  }

  [[nodiscard]] bool in_flow(std::size_t at) const {
    while (at > line_begin_ && is_blank(text_[at - 1])) --at;
    return at > line_begin_ && (text_[at - 1] == '{' || text_[at - 1] == ',' || text_[at - 1] == '[');
  }

  // Docker's `"auth": "dXNlcjpwYXNzd29yZA=="`. Other fields of this name hold a word or an object.
  [[nodiscard]] bool holds_credentials(std::size_t separator) const {
    constexpr std::size_t kShortest = 12;
    std::size_t at = separator + 1;
    while (at < text_.size() && (is_blank(text_[at]) || text_[at] == '\\')) ++at;
    if (at < text_.size() && (text_[at] == '"' || text_[at] == '\'')) ++at;
    std::size_t end = at;
    bool mixed = false;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (!is_alnum(c) && c != '+' && c != '/' && c != '=') break;
      mixed = mixed || !is_lower(c);
    }
    return end - at >= kShortest && mixed;
  }

  // `separator` is where the separator of name and value stands.
  [[nodiscard]] bool is_secret(const Name& name, std::size_t separator) const {
    const std::string lower = to_lower(name.text);
    if (lower == "value" || lower == "default")
      return named_secret_ || known_.secret_values.contains(separator);
    if (lower == "_auth") return true;  // of npm: user and password
    if (lower == "auth") return holds_credentials(separator);
    if (tenants_ && (lower == "tenant" || lower == "tenants" || lower == "tenant_id")) return true;
    return is_secret_name(name.text);
  }

  // Handles the field whose separator is at `at`; returns where to go on.
  std::size_t field(std::size_t at, std::size_t separator) {
    const Name name = name_before(at);
    std::size_t value = at + separator;
    while (value < text_.size() && is_blank(text_[value])) ++value;
    const bool secret = !name.text.empty() && is_secret(name, at);
    note_pair(name, at, value, secret);
    if (secret) return secret_value(name, at, value);
    if (name.text.empty()) return at + separator;
    // `other: &anchor value`, where a secret field says `*anchor`.
    if (value < text_.size() && text_[value] == '&' && known_.aliases.contains(word_after(value))) {
      return secret_value(name, at, value);
    }
    return at + separator;
  }

  // `name: DB_PASSWORD`: then the `value:` beside it is a secret, on whichever side it stands.
  void note_pair(const Name& name, std::size_t separator, std::size_t value, bool secret) {
    const std::string lower = to_lower(name.text);
    if (lower == "value" || lower == "default") {
      if (!unpaired_name_) unpaired_value_ = separator;
      unpaired_name_ = false;
      return;
    }
    if (secret || (lower != "name" && lower != "key")) return;
    while (value < text_.size() && text_[value] == '\\') ++value;
    if (value < text_.size() && (text_[value] == '"' || text_[value] == '\'')) ++value;
    std::size_t end = value;
    while (end < text_.size() && is_name_letter(text_[end])) ++end;
    named_secret_ = is_secret_name(text_.substr(value, end - value));
    unpaired_name_ = !unpaired_value_;
    if (named_secret_ && unpaired_value_) {
      afterwards_.secret_values.insert(*unpaired_value_);
      named_secret_ = false;  // its value is found
    }
    unpaired_value_.reset();
  }

  [[nodiscard]] std::string word_after(std::size_t at) const {
    std::size_t end = at + 1;
    while (end < text_.size() && is_name_letter(text_[end])) ++end;
    return std::string(text_.substr(at + 1, end - at - 1));
  }

  std::size_t secret_value(const Name& name, std::size_t separator, std::size_t value) {
    const bool assigned = text_[separator] != ':';
    const bool first = first_on_line(name.begin);
    value = after_tags(value);
    // JSON may have its value on the next line.
    if (name.quote != '\0' && value < text_.size() && text_[value] == '\n') {
      const std::size_t next = text_.find_first_not_of(" \t\r\n", value);
      if (next != kNone && std::string_view("\"'{[").find(text_[next]) != kNone) value = next;
    }
    if (value >= text_.size()) return value;
    if (const std::size_t body = heredoc_in(value, assigned); body > value) {
      put(value, body, kRedacted);
      return body;
    }

    std::size_t escape = value;
    while (escape < text_.size() && text_[escape] == '\\') ++escape;
    const bool quoted = escape < text_.size() && (text_[escape] == '"' || text_[escape] == '\'');
    if (quoted && escape == value && text_.substr(value, 3) == std::string(3, text_[value])) {
      const std::size_t close =
          std::min(text_.find(text_.substr(value, 3), value + 3), text_.size());  // """…"""
      put(value + 3, close, kRedacted);
      return std::min(close + 3, text_.size());
    }
    if (quoted && !(name.opened_by != '\0' && text_[escape] == name.opened_by && escape == value)) {
      const std::size_t close = closing_quote(text_, escape + 1, text_[escape], escape - value);
      if (name.quote != '\0' || (!first && !assigned)) {
        put(escape + 1, close, kRedacted);
        return close_of(close, text_[escape]);
      }
      // What else stands on the line may belong to it: `"a"b`, a comment with the value before.
      const std::size_t rest = assigned && !first ? word_end(close) : line_end(close);
      const bool plain_end = rest <= close_of(close, text_[escape]);
      put(escape + 1, plain_end ? close : rest,
          std::string(kRedacted) + (plain_end ? "" : std::string(1, text_[escape])));
      return first && !assigned ? continuation(name, rest) : std::max(rest, close);
    }
    if (text_[value] == '{' || (text_[value] == '[' && !assigned)) {
      const std::size_t end = bracket_end(value);
      put(value, end, "\"" + std::string(kRedacted) + "\"");
      return end;
    }
    if (name.opened_by != '\0') {
      const std::size_t end = closing_quote(text_, value, name.opened_by, 0);  // "KEY=a b", "key: a b"
      if (!is_nothing(text_.substr(value, end - value))) put(value, end, kRedacted);
      return end;
    }
    if (assigned) return assigned_value(name, separator, value, first);
    return plain_value(name, value, first);
  }

  // Anchors and tags before a value.
  [[nodiscard]] std::size_t after_tags(std::size_t value) const {
    while (value < text_.size() && (text_[value] == '&' || text_[value] == '!')) {
      std::size_t end = value;
      while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '\n') ++end;
      std::size_t next = end;
      while (next < text_.size() && is_blank(text_[next])) ++next;
      // `!secret` alone is no tag but the value.
      if (next == end || next >= text_.size() || text_[next] == '\n') {
        if (next < text_.size() && text_[value] == '&') return next;
        if (next < text_.size() && next == end && text_[value] == '!') return next;
        return value;
      }
      value = next;
    }
    return value;
  }

  std::size_t assigned_value(const Name& name, std::size_t separator, std::size_t value, bool first) {
    std::size_t end = value;
    const char before = name.begin > line_begin_ ? text_[name.begin - 1] : '\0';
    if (text_[separator] == '%') {
      while (end < text_.size() && !ends_param(text_[end]) && !text_.substr(end).starts_with("%26")) ++end;
    } else if (before == '?' || before == '&') {
      while (end < text_.size() && !ends_param(text_[end])) ++end;  // of a URL
    } else if (before == ';') {
      // Of a connection string: blanks are its own.
      while (end < text_.size() && std::string_view(";\"'\r\n").find(text_[end]) == kNone) ++end;
    } else if (first) {
      end = line_end(value);
      while (end > value && text_[end - 1] == '\\' && end < text_.size()) end = line_end(end + 1);
    } else {
      end = word_end(value);
    }
    if (is_nothing(text_.substr(value, end - value))) return end;
    put(value, end, kRedacted);
    return end;
  }

  std::size_t plain_value(const Name& name, std::size_t value, bool first) {
    if (text_[value] == '*') afterwards_.aliases.insert(word_after(value));
    if (!first && (in_flow(name.begin) || name.quote != '\0')) {
      std::size_t end = value;
      while (end < text_.size() && std::string_view(",}]").find(text_[end]) == kNone) {
        if (text_[end] == '\n' && (end + 1 == text_.size() || text_[end + 1] == '\n')) break;
        ++end;
      }
      std::size_t last = end;
      while (last > value && (is_blank(text_[last - 1]) || text_[last - 1] == '\n')) --last;
      if (is_nothing(text_.substr(value, last - value))) return last;
      put(value, last, name.quote != '\0' ? "\"" + std::string(kRedacted) + "\"" : std::string(kRedacted));
      return end;
    }
    std::size_t end = line_end(value);
    if (!first && inside_quotes(name.begin)) end = std::min(end, closing_quote(text_, value, '"', 0));
    if (end > value && text_[end - 1] == ',') --end;  // a flow mapping or JSON, a member a line
    const std::size_t more = first ? continuation_end(name, line_end(value)) : end;
    const std::string_view shown = text_.substr(value, end - value);
    const bool alone = more <= line_end(value);
    if (alone && (is_nothing(shown) || shown.front() == '#')) return end;
    if (alone) {
      put(value, end,
          name.quote != '\0' && !shown.starts_with(kRedacted) ? "\"" + std::string(kRedacted) + "\""
                                                              : std::string(kRedacted));
      return end;
    }
    // The value, or only its `|`, is on this line, the rest beneath.
    const std::string gap = value > 0 && (text_[value - 1] == ':' || text_[value - 1] == '=') ? " " : "";
    put(value, more, gap + std::string(kRedacted));
    return more;
  }

  // Lines beneath that belong to the value of `name`: deeper ones, and list items beside an empty value.
  [[nodiscard]] std::size_t continuation_end(const Name& name, std::size_t at) const {
    const std::string_view prefix = text_.substr(line_begin_, name.begin - line_begin_);
    const bool comment = prefix.find('#') != kNone;
    const std::size_t column = name.begin - line_begin_;
    std::size_t end = at;
    std::size_t next = at;
    while (next < text_.size() && (text_[next] == '\n' || text_[next] == '\r')) {
      if (text_[next] == '\r' && ++next == text_.size()) break;
      const std::size_t stop = line_end(next + 1);
      const std::string_view line = text_.substr(next + 1, stop - next - 1);
      const std::size_t indent = line.find_first_not_of(comment ? " \t\r#" : " \t\r");
      if (indent != kNone) {
        const bool item = indent == column && line[indent] == '-' &&
                          line.substr(0, indent).find('-') == kNone &&
                          (indent + 1 == line.size() || is_blank(line[indent + 1]));
        if (indent <= column && !item) break;
        end = stop;
      }
      next = stop;
    }
    return end;
  }

  std::size_t continuation(const Name& name, std::size_t at) {
    const std::size_t end = continuation_end(name, at);
    if (end > at) {
      out_.append(text_.substr(done_, at - done_));
      done_ = end;
    }
    return end;
  }

  // `--admin-token abc`, `-password abc`, `-u user:password`; also in a list: `["--admin-token", "abc"]`.
  std::size_t flag_value(std::size_t at) {
    if (text_[at] != '-' || (at > 0 && (text_[at - 1] == '-' || is_alnum(text_[at - 1])))) return at + 1;
    std::size_t begin = at + 1;
    if (begin < text_.size() && text_[begin] == '-') ++begin;
    std::size_t end = begin;
    while (end < text_.size() && (is_alnum(text_[end]) || text_[end] == '-' || text_[end] == '_')) ++end;
    if (end == begin || end >= text_.size()) return std::max(end, at + 1);
    const std::string_view name = text_.substr(begin, end - begin);
    const bool user = name == "u" || name == "U" || name == "user" || name == "proxy-user";
    if (!user && !is_secret_name(name)) return end;
    const std::size_t value = flag_argument(at, end);
    if (value >= text_.size() || text_[value] == '\n') return end;
    if (const std::size_t body = heredoc_end(value); body > value) {
      put(value, body, kRedacted);
      return body;
    }
    if (text_[value] == '-') return end;
    std::size_t escape = value;
    while (escape < text_.size() && text_[escape] == '\\') ++escape;
    const bool quoted = escape < text_.size() && (text_[escape] == '"' || text_[escape] == '\'');
    const std::size_t from = quoted ? escape + 1 : value;
    std::size_t stop = quoted ? closing_quote(text_, from, text_[escape], escape - value) : word_end(value);
    const bool in_list = text_[end] != ' ';
    if (in_list && !quoted) stop = std::min(text_.find_first_of(",]\n", value), stop);
    if (user && !is_user_and_password(text_.substr(from, stop - from))) return end;
    if (is_nothing(text_.substr(from, stop - from))) return std::max(stop, end);
    put(from, stop, kRedacted);
    return std::max(stop, end);
  }

  // Where the argument of the flag that ends at `end` begins: behind blanks, or, where the flag is an item of
  // a list, the next item; `end` where there is none.
  [[nodiscard]] std::size_t flag_argument(std::size_t at, std::size_t end) const {
    std::size_t next = end;
    if (text_[end] == ' ') {
      while (next < text_.size() && text_[next] == ' ') ++next;
      // curl's long commands go on in the next line.
      if (text_.substr(next).starts_with("\\\n"))
        next = std::min(text_.find_first_not_of(" \t", next + 2), text_.size());
      return next;
    }
    while (next < text_.size() && text_[next] == '\\') ++next;
    const bool quoted = next < text_.size() && at > 0 && (text_[next] == '"' || text_[next] == '\'') &&
                        text_[at - 1] == text_[next];
    if (quoted) ++next;
    while (next < text_.size() && is_blank(text_[next])) ++next;
    const bool flow = next < text_.size() && text_[next] == ',';
    const bool block = next < text_.size() && text_[next] == '\n';
    if (!flow && !block) return text_.size();
    next = text_.find_first_not_of(" \t\r\n", next + 1);
    if (next == kNone) return text_.size();
    if (flow) return next;
    // Of a block list only another item counts.
    if (text_[next] != '-' || next + 1 >= text_.size() || !is_blank(text_[next + 1])) return text_.size();
    next = text_.find_first_not_of(" \t", next + 1);
    return next == kNone ? text_.size() : next;
  }

  // `user:password`, and not the ids of `docker run -u 1000:1000`.
  [[nodiscard]] static bool is_user_and_password(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == kNone || colon + 1 == text.size()) return false;
    const std::string_view password = text.substr(colon + 1);
    return !std::all_of(password.begin(), password.end(), is_digit) &&
           !(text.starts_with("http") && password.starts_with("//"));
  }

  // The end of a here-document that is the value at `value`, or, in a shell, feeds the command that makes it:
  // `TOKEN=$(cat <<EOF`.
  [[nodiscard]] std::size_t heredoc_in(std::size_t value, bool assigned) const {
    if (const std::size_t end = heredoc_end(value); end > value) return end;
    if (!assigned) return value;
    std::size_t command = value;
    if (command < text_.size() && text_[command] == '"') ++command;
    if (!text_.substr(command).starts_with("$(") && !text_.substr(command).starts_with("`")) return value;
    const std::string_view line =
        text_.substr(command, std::min(line_end(command) - command, kLongestCommand));
    const std::size_t mark = line.find("<<");
    if (mark == kNone) return value;
    const std::size_t end = heredoc_end(command + mark);
    return end > command + mark ? end : value;
  }

  // The end of a here-document or here-string whose `<<` stands at `at`, behind its last line; `at` where
  // there is none. One that is not closed goes to the end of the text.
  [[nodiscard]] std::size_t heredoc_end(std::size_t at) const {
    if (!text_.substr(at).starts_with("<<")) return at;
    std::size_t begin = at + 2;
    if (begin < text_.size() && text_[begin] == '<') {  // a here-string: one word
      begin = std::min(text_.find_first_not_of(" \t<", begin), text_.size());
      const bool quoted = begin < text_.size() && (text_[begin] == '"' || text_[begin] == '\'');
      if (!quoted) return word_end(begin);
      return std::min(closing_quote(text_, begin + 1, text_[begin], 0) + 1, text_.size());
    }
    while (begin < text_.size() && std::string_view("-~ \t\"'\\").find(text_[begin]) != kNone) ++begin;
    std::size_t end = begin;
    while (end < text_.size() && (is_alnum(text_[end]) || text_[end] == '_')) ++end;
    if (end == begin) return at;
    const std::string_view word = text_.substr(begin, end - begin);
    std::size_t line = text_.find('\n', end);
    while (line != kNone) {
      std::size_t next = line + 1;
      while (next < text_.size() && is_blank(text_[next])) ++next;
      const std::size_t stop = next + word.size();
      if (text_.substr(next).starts_with(word) && (stop >= text_.size() || !is_name_letter(text_[stop])))
        return stop;
      line = text_.find('\n', line + 1);
    }
    return text_.size();
  }

  void put(std::size_t begin, std::size_t end, std::string_view mask) {
    if (begin >= end) return;
    out_.append(text_.substr(done_, begin - done_)).append(mask);
    done_ = end;
    // Lines that were masked whole are behind.
    if (const std::size_t newline = text_.substr(begin, end - begin).rfind('\n'); newline != kNone)
      line_begin_ = begin + newline + 1;
  }

  [[nodiscard]] std::size_t close_of(std::size_t close, char quote) const {
    while (close < text_.size() && text_[close] != quote) ++close;
    return std::min(close + 1, text_.size());
  }

  // The end of the line, without its CR.
  [[nodiscard]] std::size_t line_end(std::size_t at) const {
    std::size_t end = std::min(text_.find('\n', at), text_.size());
    if (end < text_.size() && end > at && text_[end - 1] == '\r') --end;
    return end;
  }

  [[nodiscard]] std::size_t word_end(std::size_t at) const {
    while (at < text_.size() && static_cast<unsigned char>(text_[at]) > ' ' && text_[at] != '"' &&
           text_[at] != '\'') {
      at += text_[at] == '\\' && at + 1 < text_.size() && text_[at + 1] != '\n' ? 2 : 1;
    }
    return std::min(at, text_.size());
  }

  [[nodiscard]] static bool ends_param(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '&' || c == '#' || c == '"' || c == '\'' ||
           c == '<' || c == '>' || c == '`';
  }

  // Where the bracket that opens at `at` is closed; quoted text inside counts for nothing.
  [[nodiscard]] std::size_t bracket_end(std::size_t at) const {
    std::size_t depth = 0;
    for (; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return at + 1;
      if (c == '"' || c == '\'') {
        at = closing_quote(text_, at + 1, c, 0);
      }
    }
    return text_.size();
  }

  // Whether `at` stands inside of a text that a `"` of its line has opened. Asked for ever later places.
  [[nodiscard]] bool inside_quotes(std::size_t at) {
    if (quotes_seen_ < line_begin_) {
      quotes_seen_ = line_begin_;
      quotes_open_ = false;
    }
    for (; quotes_seen_ < at; ++quotes_seen_) {
      if (text_[quotes_seen_] == '\\') {
        ++quotes_seen_;
      } else if (text_[quotes_seen_] == '"') {
        quotes_open_ = !quotes_open_;
      }
    }
    return quotes_open_;
  }

  // Values that tell nothing: empty ones, and what takes the secret from elsewhere.
  [[nodiscard]] static bool is_nothing(std::string_view value) {
    while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
    if (value.empty() || value == "null" || value == "~" || value == "true" || value == "false" ||
        value == kRedacted || value == "\"" || value == "'")
      return true;
    if (!value.starts_with("${") || !value.ends_with("}")) return false;
    value = value.substr(2, value.size() - 3);
    return std::all_of(value.begin(), value.end(), [](char c) { return is_alnum(c) || c == '_'; });
  }

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

}  // namespace

std::string mask_fields(std::string_view text, bool tenants) {
  FieldMasker first(text, tenants, {});
  std::string out = first.run();
  if (first.afterwards().empty()) return out;
  return FieldMasker(text, tenants, first.afterwards()).run();
}

}  // namespace offloader::redaction
