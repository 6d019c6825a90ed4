#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace offloader::transport {

// Returns the text of a member; empty if it is missing or is not a string.
[[nodiscard]] std::string text_at(const nlohmann::json& json, const char* name);

}  // namespace offloader::transport
