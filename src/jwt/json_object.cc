#include "json_object.h"

#include <set>
#include <string>
#include <vector>

namespace offloader::jwt {
namespace {

constexpr int kMaxLevels = 32;

}  // namespace

std::optional<nlohmann::json> parse_object(std::string_view text) {
  using nlohmann::json;
  if (text.starts_with("\xEF\xBB\xBF")) return std::nullopt;
  bool sound = true;
  std::vector<std::set<std::string>> names;  // of the objects around the current position
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        names.emplace_back();
        [[fallthrough]];
      case json::parse_event_t::array_start:
        sound = sound && depth < kMaxLevels;
        break;
      case json::parse_event_t::object_end:
        names.pop_back();
        break;
      case json::parse_event_t::key:
        sound = names.back().insert(parsed.get<std::string>()).second && sound;
        break;
      case json::parse_event_t::array_end:
      case json::parse_event_t::value:
        break;
    }
    return true;
  };
  json parsed = json::parse(text, watch, false);
  if (!sound || !parsed.is_object()) return std::nullopt;
  return parsed;
}

const std::string* string_in(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace offloader::jwt
