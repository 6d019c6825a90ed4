#include "offloader/catalog/keys_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "keys.h"
#include "keys_text_json.h"
#include "offloader/base/json_text.h"
#include "scalar_kind.h"

namespace offloader::catalog {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

tl::unexpected<Error> cannot_edit(int line, const char* why) {
  return fail(ErrorCode::conflict,
              "the key on line " + std::to_string(line) + " " + why + ", so edit the file by hand");
}

tl::unexpected<Error> no_such_key() {
  return fail(ErrorCode::conflict, "the file has no key with this id");
}

// A JSON string is also a double-quoted YAML string.
std::string double_quoted(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

// Returns a lower-case name as a YAML value, quoted if YAML 1.1 or 1.2 would read it as something else.
std::string yaml_text(std::string_view value) {
  static constexpr std::array<std::string_view, 6> kYaml11 = {"yes", "no", "on", "off", "y", "n"};
  const auto is_name = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool plain = std::ranges::all_of(value, is_name) && value.front() >= 'a' &&
                     std::ranges::find(kYaml11, value) == kYaml11.end() &&
                     yaml::kind_of_scalar("?", value) == yaml::Kind::string;
  return plain ? std::string(value) : double_quoted(value);
}

std::string yaml_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out.append(out.size() > 1 ? ", " : "").append(yaml_text(item));
  return out + "]";
}

// A hash of digits alone would be a number if it were not quoted, so all hashes are.
std::string yaml_value(std::string_view name, std::string_view value) {
  return name == "status" ? std::string(value) : double_quoted(value);
}

}  // namespace

Result<KeysText> KeysText::parse(std::string text, std::string_view name) {
  KeysText out(std::move(text), is_ndjson_name(name));
  if (out.text_.starts_with(kByteOrderMark)) {
    out.mark_ = kByteOrderMark;
    out.text_.erase(0, kByteOrderMark.size());
  }
  const std::size_t line_end = out.text_.find('\n');
  if (line_end != std::string::npos && line_end > 0 && out.text_[line_end - 1] == '\r')
    out.line_break_ = "\r\n";
  auto found = out.lines_ ? out.find_lines() : out.find_yaml();
  if (!found) return fail(found.error());
  return out;
}

Result<void> KeysText::find_lines() {
  int number = 0;
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    const std::string_view line = std::string_view(text_).substr(at, end - at);
    ++number;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      const auto fields = texts_of_json(line);
      if (!fields)
        return fail(ErrorCode::invalid_config, "line " + std::to_string(number) + " is not a JSON object");
      Place& place = places_.emplace_back(Place{.line = number, .begin = at, .end = end});
      for (const auto& [name, value] : *fields)
        place.fields.push_back({.name = name, .value = value, .scalar = true, .is_text = true});
    }
    at = end + 1;
  }
  return {};
}

const KeysText::Place* KeysText::place_of(std::string_view id) const {
  const auto found = std::ranges::find_if(places_, [&](const Place& place) {
    const Field* const field = field_of(place, "id");
    return field != nullptr && field->is_text && field->value == id;
  });
  return found == places_.end() ? nullptr : &*found;
}

const KeysText::Field* KeysText::field_of(const Place& place, std::string_view name) {
  const auto found = std::ranges::find(place.fields, name, &Field::name);
  return found == place.fields.end() ? nullptr : &*found;
}

bool KeysText::contains(std::string_view id) const {
  return place_of(id) != nullptr;
}

std::optional<std::string> KeysText::field(std::string_view id, std::string_view name) const {
  const Place* const place = place_of(id);
  const Field* const field = place == nullptr ? nullptr : field_of(*place, name);
  return field == nullptr || !field->is_text ? std::nullopt : std::optional(field->value);
}

std::string KeysText::replaced(std::size_t begin, std::size_t end, std::string_view by) const {
  std::string out = mark_ + text_;
  out.replace(mark_.size() + begin, end - begin, by);
  return out;
}

std::string KeysText::as_lines(std::string_view lines) const {
  std::string out;
  for (const char c : lines) c == '\n' ? out.append(line_break_) : out.append(1, c);
  return out;
}

std::string KeysText::appended(std::string_view lines) const {
  const bool ends_line = text_.empty() || text_.back() == '\n';
  return replaced(text_.size(), text_.size(), (ends_line ? "" : line_break_) + as_lines(lines));
}

Result<std::string> KeysText::changed_line(const Place& place, std::string_view name,
                                           std::optional<std::string_view> value) const {
  const std::string_view line = std::string_view(text_).substr(place.begin, place.end - place.begin);
  auto changed = changed_json(line, name, value);
  if (!changed) return cannot_edit(place.line, "cannot be changed");
  if (line.ends_with('\r')) *changed += '\r';
  return replaced(place.begin, place.end, *changed);
}

Result<std::string> KeysText::with_field(std::string_view id, std::string_view name, std::string_view value,
                                         std::string_view after) const {
  const Place* const place = place_of(id);
  if (place == nullptr) return no_such_key();
  if (lines_) return changed_line(*place, name, value);
  const std::string written = yaml_value(name, value);
  if (const Field* const field = field_of(*place, name)) {
    if (!field->scalar) return cannot_edit(place->line, "has this field in an unusual form");
    return replaced(field->begin, field->end, written);
  }
  const Field* const before = field_of(*place, after);
  if (before == nullptr || !before->scalar)
    return cannot_edit(place->line, "has its fields in an unusual form");
  const std::string added = std::string(name).append(": ").append(written);
  if (place->flow) return replaced(before->end, before->end, ", " + added);
  const std::size_t line_begin = text_.rfind('\n', before->name_begin) + 1;
  const std::size_t line_end = std::min(text_.find(line_break_, before->end), text_.size());
  const std::string indent(before->name_begin - line_begin, ' ');
  return replaced(line_end, line_end, line_break_ + indent + added);
}

Result<std::string> KeysText::without_field(std::string_view id, std::string_view name) const {
  const Place* const place = place_of(id);
  if (place == nullptr) return no_such_key();
  const Field* const field = field_of(*place, name);
  if (field == nullptr) return mark_ + text_;
  if (lines_) return changed_line(*place, name, std::nullopt);
  if (!field->scalar) return cannot_edit(place->line, "has this field in an unusual form");
  const auto has_comment = [&](std::size_t begin, std::size_t end) {
    return std::string_view(text_).substr(begin, end - begin).find('#') != std::string_view::npos;
  };
  const auto index = static_cast<std::size_t>(field - place->fields.data());
  if (place->flow) {
    const Field* const before = index > 0 ? field - 1 : nullptr;
    if (before != nullptr && before->scalar && !has_comment(before->end, field->name_begin))
      return replaced(before->end, field->end, "");
    const Field* const next = index + 1 < place->fields.size() ? field + 1 : nullptr;
    if (next != nullptr && !has_comment(field->end, next->name_begin))
      return replaced(field->name_begin, next->name_begin, "");
    return cannot_edit(place->line, "has this field in an unusual form");
  }
  const std::size_t line_begin = text_.rfind('\n', field->name_begin) + 1;
  const std::size_t line_end = std::min(text_.find('\n', field->end), text_.size());
  const std::string_view prefix = std::string_view(text_).substr(line_begin, field->name_begin - line_begin);
  if (prefix.find_first_not_of(' ') != std::string_view::npos)
    return cannot_edit(place->line, "begins with this field");
  const std::size_t comment = text_.find('#', field->end);
  if (comment < line_end) return replaced(field->name_begin, comment, "");
  return replaced(line_begin, std::min(line_end + 1, text_.size()), "");
}

// Returns the column of the dashes of the list.
Result<std::size_t> KeysText::indent_of_items() const {
  const Place& last = places_.back();
  const std::size_t line_begin = last.begin == 0 ? 0 : text_.rfind('\n', last.begin - 1) + 1;
  const std::string_view prefix = std::string_view(text_).substr(line_begin, last.begin - line_begin);
  const std::size_t dash = prefix.find_first_not_of(' ');
  if (dash == std::string_view::npos || prefix[dash] != '-' ||
      prefix.find_first_not_of(' ', dash + 1) != std::string_view::npos)
    return cannot_edit(last.line, "does not begin on the line of its dash");
  return dash;
}

std::string KeysText::yaml_of(const Entry& entry, std::size_t dash) {
  const std::string indent(dash + 2, ' ');
  std::string out = std::string(dash, ' ') + "- id: " + yaml_text(entry.id) + "\n";
  const auto write = [&](std::string_view name, const std::string& value) {
    out.append(indent).append(name).append(": ").append(value).append("\n");
  };
  if (!entry.description.empty()) write("description", double_quoted(entry.description));
  write("hash", double_quoted(entry.hash));
  write("tenant", entry.tenant ? double_quoted(*entry.tenant) : "null");
  write("endpoints", yaml_list(entry.endpoints));
  write("status", "active");
  if (!entry.not_before.empty()) write("not_before", double_quoted(entry.not_before));
  if (!entry.expires_at.empty()) write("expires_at", double_quoted(entry.expires_at));
  if (!entry.allowed_cidrs.empty()) write("allowed_cidrs", yaml_list(entry.allowed_cidrs));
  return out;
}

Result<std::string> KeysText::with(const Entry& entry) const {
  if (lines_) return appended(json_of(entry) + "\n");
  std::size_t dash = 2;
  if (!places_.empty()) {
    if (flow_list_) return cannot_edit(places_.back().line, "is in a list within brackets");
    const auto found = indent_of_items();
    if (!found) return fail(found.error());
    dash = *found;
  }
  const std::string added = yaml_of(entry, dash);
  if (!has_list_) return appended("keys:\n" + added);
  if (!places_.empty() || list_end_ == 0) return appended(added);
  // The list is empty: its brackets or its null go, and the rest of their line stays.
  std::string out = replaced(list_begin_, list_end_, "");
  const std::size_t line_end = out.find('\n', mark_.size() + list_begin_);
  if (line_end == std::string::npos) return out + as_lines("\n" + added);
  out.insert(line_end + 1, as_lines(added));
  return out;
}

CheckedKeys check_keys(const std::string& text, const std::string& name) {
  FindingList findings;
  Source source{name, true, &findings};
  ReadKeys read = read_keys(source, text, nullptr, nullptr);
  return {std::move(read.keys), findings.take()};
}

}  // namespace offloader::catalog
