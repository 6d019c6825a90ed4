#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace offloader::transport {

// A member's text; empty where an answer lacks it or has something else there.
[[nodiscard]] std::string text_at(const nlohmann::json& json, const char* name);

}  // namespace offloader::transport
