#include "offloader/transport/json_text.h"

#include <nlohmann/json.hpp>

namespace offloader::transport {

std::string text_at(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace offloader::transport
