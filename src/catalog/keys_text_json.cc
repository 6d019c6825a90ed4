#include "keys_text_json.h"

#include <nlohmann/json.hpp>

namespace offloader::catalog {
namespace {

using Json = nlohmann::ordered_json;

std::string written(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::optional<std::vector<std::pair<std::string, std::string>>> texts_of_json(std::string_view line) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) out.emplace_back(name, value.get<std::string>());
  }
  return out;
}

std::optional<std::string> changed_json(std::string_view line, std::string_view name,
                                        std::optional<std::string_view> value) {
  Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  if (value) {
    object[std::string(name)] = std::string(*value);
  } else {
    object.erase(std::string(name));
  }
  return written(object);
}

std::string json_of(const KeysText::Entry& entry) {
  Json object{{"id", entry.id}};
  if (!entry.description.empty()) object["description"] = entry.description;
  object["hash"] = entry.hash;
  object["tenant"] = entry.tenant ? Json(*entry.tenant) : Json(nullptr);
  object["endpoints"] = entry.endpoints;
  object["status"] = "active";
  if (!entry.not_before.empty()) object["not_before"] = entry.not_before;
  if (!entry.expires_at.empty()) object["expires_at"] = entry.expires_at;
  if (!entry.allowed_cidrs.empty()) object["allowed_cidrs"] = entry.allowed_cidrs;
  return written(object);
}

}  // namespace offloader::catalog
