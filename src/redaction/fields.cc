#include <algorithm>
#include <utility>

#include "field_masker.h"
#include "text_places.h"

namespace offloader::redaction {
namespace {

// The length of the separator of name and value at `at`, or 0 if there is none.
std::size_t separator_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == ':' || c == '=') {
    std::size_t end = at + 1;  // also `=>`, `:=`, `==`
    while (end < text.size() && end - at < 3 && (text[end] == '=' || text[end] == '>')) ++end;
    return end - at;
  }
  return c == '%' && istarts_with(text.substr(at), "%3D") ? 3 : 0;
}

// Whether an `auth` field holds credentials, as Docker's `"auth": "dXNlcjpwYXNzd29yZA=="` does. Other fields
// of this name hold a word or an object.
bool holds_credentials(std::string_view text, std::size_t separator) {
  constexpr std::size_t kShortest = 12;
  std::size_t at = separator + 1;
  while (at < text.size() && (is_blank(text[at]) || text[at] == '\\')) ++at;
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
  std::size_t end = at;
  bool mixed = false;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (!is_alnum(c) && c != '+' && c != '/' && c != '=') break;
    mixed = mixed || !is_lower(c);
  }
  return end - at >= kShortest && mixed;
}

}  // namespace

bool is_nothing(std::string_view value) {
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  if (value.empty() || value == "null" || value == "~" || value == "true" || value == "false" ||
      value == kRedacted || value == "\"" || value == "'")
    return true;
  if (!value.starts_with("${") || !value.ends_with("}")) return false;
  value = value.substr(2, value.size() - 3);
  return std::all_of(value.begin(), value.end(), [](char c) { return is_alnum(c) || c == '_'; });
}

std::string word_after(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && is_name_letter(text[end])) ++end;
  return std::string(text.substr(at + 1, end - at - 1));
}

std::string FieldMasker::run() {
  begin_line();
  for (std::size_t at = 0; at < text_.size();) {
    if (text_[at] == '\n') {
      line_begin_ = at + 1;
      begin_line();
    }
    if (text_[at] == '{') begin_object();
    const std::size_t separator = separator_at(text_, at);
    if (separator == 0) {
      at = flag_value(at);
      continue;
    }
    at = field(at, separator);
  }
  return std::move(out_.append(text_.substr(done_)));
}

void FieldMasker::begin_object() {
  unpaired_name_ = false;
  unpaired_value_.reset();
}

void FieldMasker::begin_line() {
  const std::size_t mark = text_.find_first_not_of(" \t", line_begin_);
  if (mark != kNone && text_[mark] == '-' && (mark + 1 == text_.size() || is_blank(text_[mark + 1])))
    begin_object();
}

bool FieldMasker::is_secret(const FieldName& name, std::size_t separator) const {
  const std::string lower = to_lower(name.text);
  if (lower == "value" || lower == "default")
    return named_secret_ || known_.secret_values.contains(separator);
  if (lower == "_auth") return true;  // npm's user and password
  if (lower == "auth") return holds_credentials(text_, separator);
  if (tenants_ && (lower == "tenant" || lower == "tenants" || lower == "tenant_id")) return true;
  return is_secret_name(name.text);
}

std::size_t FieldMasker::field(std::size_t at, std::size_t separator) {
  const FieldName name = name_before(text_, at, line_begin_, done_);
  std::size_t value = at + separator;
  while (value < text_.size() && is_blank(text_[value])) ++value;
  const bool secret = !name.text.empty() && is_secret(name, at);
  note_pair(name, at, value, secret);
  if (secret) return secret_value(name, at, value);
  if (name.text.empty()) return at + separator;
  // `other: &anchor value`, if a secret field refers to it by `*anchor`.
  if (value < text_.size() && text_[value] == '&' && known_.aliases.contains(word_after(text_, value))) {
    return secret_value(name, at, value);
  }
  return at + separator;
}

void FieldMasker::note_pair(const FieldName& name, std::size_t separator, std::size_t value, bool secret) {
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
    named_secret_ = false;  // the name has its value
  }
  unpaired_value_.reset();
}

void FieldMasker::put(std::size_t begin, std::size_t end, std::string_view mask) {
  if (begin >= end) return;
  out_.append(text_.substr(done_, begin - done_)).append(mask);
  done_ = end;
  // The mask may have covered line breaks, so the current line begins after the last of them.
  if (const std::size_t newline = text_.substr(begin, end - begin).rfind('\n'); newline != kNone)
    line_begin_ = begin + newline + 1;
}

std::string mask_fields(std::string_view text, bool tenants) {
  FieldMasker first(text, tenants, {});
  std::string out = first.run();
  if (first.afterwards().empty()) return out;
  return FieldMasker(text, tenants, first.afterwards()).run();
}

}  // namespace offloader::redaction
