#include <map>
#include <vector>

#include "steps.h"

namespace offloader::redaction {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::size_t kLongestTag = 1024;  // including attributes

bool is_tag_letter(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t tag_name_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_tag_letter(text[at])) ++at;
  return at;
}

// The positions of the closing tags by name, in order. JSON may write `<\/name>`.
std::map<std::string_view, std::vector<std::size_t>> closing_tags(std::string_view text) {
  std::map<std::string_view, std::vector<std::size_t>> out;
  for (std::size_t at = text.find('<'); at != kNone; at = text.find('<', at + 1)) {
    std::size_t slash = at + 1;
    if (slash < text.size() && text[slash] == '\\') ++slash;
    if (slash >= text.size() || text[slash] != '/') continue;
    const std::size_t end = tag_name_end(text, slash + 1);
    if (end > slash + 1) out[text.substr(slash + 1, end - slash - 1)].push_back(at);
  }
  return out;
}

bool is_blank_or_masked(std::string_view content) {
  const std::size_t begin = content.find_first_not_of(" \t\r\n");
  if (begin == kNone) return true;
  const std::size_t end = content.find_last_not_of(" \t\r\n");
  return content.substr(begin, end + 1 - begin) == kRedacted;
}

// The value of the attribute `name` or `key`, such as `name="fs.secret.key"`; empty if there is none.
std::string_view named_by(std::string_view attributes) {
  for (const std::string_view mark : {" name=", " key="}) {
    const std::size_t at = attributes.find(mark);
    if (at == kNone || at + mark.size() + 1 >= attributes.size()) continue;
    const std::string_view value = attributes.substr(at + mark.size() + 1);
    return value.substr(0, value.find_first_of("\"'"));
  }
  return {};
}

}  // namespace

std::string mask_elements(std::string_view text) {
  const auto closing = closing_tags(text);
  if (closing.empty()) return std::string(text);
  std::string out;
  std::size_t done = 0;
  bool named_secret = false;  // after `<name>db.password</name>`, the value beside it is secret
  for (std::size_t at = text.find('<'); at != kNone; at = text.find('<', at)) {
    const std::size_t name_end = tag_name_end(text, at + 1);
    const std::string_view full = text.substr(at + 1, name_end - at - 1);
    const std::size_t tag_end =
        text.substr(0, std::min(text.size(), name_end + kLongestTag)).find('>', name_end);
    at = name_end;
    if (full.empty() || tag_end == kNone || text[tag_end - 1] == '/') continue;
    const std::string_view attributes = text.substr(name_end, tag_end - name_end);
    if (const std::string_view name = named_by(attributes); !name.empty())
      named_secret = is_secret_name(name);
    const auto places = closing.find(full);
    if (places == closing.end()) continue;
    const auto close = std::lower_bound(places->second.begin(), places->second.end(), tag_end);
    if (close == places->second.end()) continue;
    const std::string_view content = text.substr(tag_end + 1, *close - tag_end - 1);
    const std::string local = to_lower(full.substr(full.rfind(':') + 1));
    if ((local == "name" || local == "key") && content.size() < kLongestTag)
      named_secret = is_secret_name(content);
    const bool value = local == "value" || local == "string" || local == "defaultvalue";
    if (!is_secret_name(full.substr(full.rfind(':') + 1)) && !(value && named_secret)) continue;
    at = *close;
    if (is_blank_or_masked(content)) continue;
    out.append(text.substr(done, tag_end + 1 - done)).append(kRedacted);
    done = *close;
  }
  return out.append(text.substr(done));
}

}  // namespace offloader::redaction
