#include "json_output.h"

#include <nlohmann/json.hpp>

namespace offloader::cli {

std::string json_line(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string findings_line(bool valid, const catalog::Findings& findings) {
  return json_line({{"valid", valid},
                    {"findings", nlohmann::ordered_json::parse(catalog::to_json(findings), nullptr, false)},
                    {"findings_total", catalog::count_findings(findings).total()}});
}

}  // namespace offloader::cli
