#include "list_syntax.h"

#include <algorithm>

namespace offloader::query {
namespace {

// Takes a value in quotes off the front of `text`, which begins with its opening quote.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  text.remove_prefix(1);
  while (true) {
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) return std::nullopt;
    value.append(text.substr(0, quote));
    text.remove_prefix(quote + 1);
    if (!text.starts_with('"')) return value;
    value.push_back('"');
    text.remove_prefix(1);
  }
}

// Takes a value without quotes off the front.
std::optional<std::string_view> take_plain(std::string_view& text) {
  const std::string_view value = text.substr(0, std::min(text.find(','), text.size()));
  if (value.find('"') != std::string_view::npos) return std::nullopt;
  text.remove_prefix(value.size());
  return value;
}

}  // namespace

void append_list_value(std::string& out, std::string_view value, bool only) {
  const bool quoted = value.find_first_of(",\"") != std::string_view::npos || (value.empty() && only);
  if (!quoted) {
    out += value;
    return;
  }
  out.push_back('"');
  for (const char c : value) out.append(c == '"' ? 2 : 1, c);
  out.push_back('"');
}

std::optional<std::vector<std::string>> split_list(std::string_view text, std::size_t most) {
  std::vector<std::string> values;
  if (text.empty()) return values;
  const auto commas = static_cast<std::size_t>(std::count(text.begin(), text.end(), ','));
  values.reserve(std::min(commas, most) + 1);
  while (values.size() <= most) {
    if (text.starts_with('"')) {
      auto value = take_quoted(text);
      if (!value) return std::nullopt;
      values.push_back(std::move(*value));
    } else {
      const auto value = take_plain(text);
      if (!value) return std::nullopt;
      values.emplace_back(*value);
    }
    if (text.empty()) return values;
    if (text.front() != ',') return std::nullopt;
    text.remove_prefix(1);
  }
  return values;
}

std::optional<std::vector<std::string>> values_of(std::span<const SentParam* const> sent, std::size_t most) {
  if (sent.size() == 1 && sent.front()->form == SentParam::Form::text)
    return split_list(sent.front()->value, most);
  std::vector<std::string> values;
  for (const SentParam* const each : sent) {
    if (each->form != SentParam::Form::empty) values.push_back(each->value);
    if (values.size() > most) break;
  }
  return values;
}

}  // namespace offloader::query
