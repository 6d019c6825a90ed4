#include <algorithm>

#include "field_masker.h"
#include "heredoc.h"
#include "text_places.h"

// Masks secrets that follow a flag of a command.
namespace offloader::redaction {
namespace {

// Whether the text is `user:password`, unlike the ids in `docker run -u 1000:1000`.
bool is_user_and_password(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == kNone || colon + 1 == text.size()) return false;
  const std::string_view password = text.substr(colon + 1);
  return !std::all_of(password.begin(), password.end(), is_digit) &&
         !(text.starts_with("http") && password.starts_with("//"));
}

}  // namespace

std::size_t FieldMasker::flag_argument(std::size_t at, std::size_t end) const {
  std::size_t next = end;
  if (text_[end] == ' ') {
    while (next < text_.size() && text_[next] == ' ') ++next;
    // A backslash at the end of a line continues the command on the next line.
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
  // In a block list, the argument must be another item.
  if (text_[next] != '-' || next + 1 >= text_.size() || !is_blank(text_[next + 1])) return text_.size();
  next = text_.find_first_not_of(" \t", next + 1);
  return next == kNone ? text_.size() : next;
}

std::size_t FieldMasker::flag_value(std::size_t at) {
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
  if (const std::size_t body = heredoc_end(text_, value); body > value) {
    put(value, body, kRedacted);
    return body;
  }
  if (text_[value] == '-') return end;
  std::size_t escape = value;
  while (escape < text_.size() && text_[escape] == '\\') ++escape;
  const bool quoted = escape < text_.size() && (text_[escape] == '"' || text_[escape] == '\'');
  const std::size_t from = quoted ? escape + 1 : value;
  std::size_t stop =
      quoted ? closing_quote(text_, from, text_[escape], escape - value) : word_end(text_, value);
  const bool in_list = text_[end] != ' ';
  if (in_list && !quoted) stop = std::min(text_.find_first_of(",]\n", value), stop);
  if (user && !is_user_and_password(text_.substr(from, stop - from))) return end;
  if (is_nothing(text_.substr(from, stop - from))) return std::max(stop, end);
  put(from, stop, kRedacted);
  return std::max(stop, end);
}

}  // namespace offloader::redaction
