#include <algorithm>

#include "field_masker.h"
#include "heredoc.h"
#include "text_places.h"

// Finds the end of a secret field's value in each notation, and masks the value.
namespace offloader::redaction {
namespace {

bool ends_param(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '&' || c == '#' || c == '"' || c == '\'' || c == '<' ||
         c == '>' || c == '`';
}

}  // namespace

bool FieldMasker::first_on_line(std::size_t at) const {
  std::string_view before = text_.substr(line_begin_, at - line_begin_);
  const std::size_t words = before.find_first_not_of(" \t-?#;/!:");
  if (words == kNone) return true;
  before.remove_prefix(words);
  while (!before.empty() && is_blank(before.back())) before.remove_suffix(1);
  return before == "export" || before == "set" || before == "ENV" || before == "setenv" ||
         before == "declare -x";
}

bool FieldMasker::in_flow(std::size_t at) const {
  while (at > line_begin_ && is_blank(text_[at - 1])) --at;
  return at > line_begin_ && (text_[at - 1] == '{' || text_[at - 1] == ',' || text_[at - 1] == '[');
}

std::size_t FieldMasker::after_tags(std::size_t value) const {
  while (value < text_.size() && (text_[value] == '&' || text_[value] == '!')) {
    std::size_t end = value;
    while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '\n') ++end;
    std::size_t next = end;
    while (next < text_.size() && is_blank(text_[next])) ++next;
    // A lone `!secret` is the value, not a tag.
    if (next == end || next >= text_.size() || text_[next] == '\n') {
      if (next < text_.size() && text_[value] == '&') return next;
      if (next < text_.size() && next == end && text_[value] == '!') return next;
      return value;
    }
    value = next;
  }
  return value;
}

std::size_t FieldMasker::secret_value(const FieldName& name, std::size_t separator, std::size_t value) {
  const bool assigned = text_[separator] != ':';
  const bool first = first_on_line(name.begin);
  value = after_tags(value);
  // In JSON, the value may be on the next line.
  if (name.quote != '\0' && value < text_.size() && text_[value] == '\n') {
    const std::size_t next = text_.find_first_not_of(" \t\r\n", value);
    if (next != kNone && std::string_view("\"'{[").find(text_[next]) != kNone) value = next;
  }
  if (value >= text_.size()) return value;
  if (const std::size_t body = heredoc_in(text_, value, assigned); body > value) {
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
      return close_of(text_, close, text_[escape]);
    }
    // The rest of the line may belong to the value (`"a"b`) or be a comment that repeats it.
    const std::size_t rest = assigned && !first ? word_end(text_, close) : line_end(text_, close);
    const bool plain_end = rest <= close_of(text_, close, text_[escape]);
    put(escape + 1, plain_end ? close : rest,
        std::string(kRedacted) + (plain_end ? "" : std::string(1, text_[escape])));
    return first && !assigned ? continuation(name, rest) : std::max(rest, close);
  }
  if (text_[value] == '{' || (text_[value] == '[' && !assigned)) {
    const std::size_t end = bracket_end(text_, value);
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

std::size_t FieldMasker::assigned_value(const FieldName& name, std::size_t separator, std::size_t value,
                                        bool first) {
  std::size_t end = value;
  const char before = name.begin > line_begin_ ? text_[name.begin - 1] : '\0';
  if (text_[separator] == '%') {
    while (end < text_.size() && !ends_param(text_[end]) && !text_.substr(end).starts_with("%26")) ++end;
  } else if (before == '?' || before == '&') {
    while (end < text_.size() && !ends_param(text_[end])) ++end;  // a parameter of a URL
  } else if (before == ';') {
    // A part of a connection string, which may hold blanks.
    while (end < text_.size() && std::string_view(";\"'\r\n").find(text_[end]) == kNone) ++end;
  } else if (first) {
    end = line_end(text_, value);
    while (end > value && text_[end - 1] == '\\' && end < text_.size()) end = line_end(text_, end + 1);
  } else {
    end = word_end(text_, value);
  }
  if (is_nothing(text_.substr(value, end - value))) return end;
  put(value, end, kRedacted);
  return end;
}

std::size_t FieldMasker::plain_value(const FieldName& name, std::size_t value, bool first) {
  if (text_[value] == '*') afterwards_.aliases.insert(word_after(text_, value));
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
  std::size_t end = line_end(text_, value);
  if (!first && inside_quotes(name.begin)) end = std::min(end, closing_quote(text_, value, '"', 0));
  if (end > value && text_[end - 1] == ',') --end;  // a flow mapping or JSON with one member per line
  const std::size_t more = first ? continuation_end(name, line_end(text_, value)) : end;
  const std::string_view shown = text_.substr(value, end - value);
  const bool alone = more <= line_end(text_, value);
  if (alone && (is_nothing(shown) || shown.front() == '#')) return end;
  if (alone) {
    put(value, end,
        name.quote != '\0' && !shown.starts_with(kRedacted) ? "\"" + std::string(kRedacted) + "\""
                                                            : std::string(kRedacted));
    return end;
  }
  // The value, or only its `|`, is on this line, and the rest is on the lines below.
  const std::string gap = value > 0 && (text_[value - 1] == ':' || text_[value - 1] == '=') ? " " : "";
  put(value, more, gap + std::string(kRedacted));
  return more;
}

std::size_t FieldMasker::continuation_end(const FieldName& name, std::size_t at) const {
  const std::string_view prefix = text_.substr(line_begin_, name.begin - line_begin_);
  const bool comment = prefix.find('#') != kNone;
  const std::size_t column = name.begin - line_begin_;
  std::size_t end = at;
  std::size_t next = at;
  while (next < text_.size() && (text_[next] == '\n' || text_[next] == '\r')) {
    if (text_[next] == '\r' && ++next == text_.size()) break;
    const std::size_t stop = line_end(text_, next + 1);
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

std::size_t FieldMasker::continuation(const FieldName& name, std::size_t at) {
  const std::size_t end = continuation_end(name, at);
  if (end > at) {
    out_.append(text_.substr(done_, at - done_));
    done_ = end;
  }
  return end;
}

bool FieldMasker::inside_quotes(std::size_t at) {
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

}  // namespace offloader::redaction
