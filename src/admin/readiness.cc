#include "readiness.h"

#include <algorithm>
#include <cstdint>

#include "offloader/base/json_text.h"

namespace offloader::admin {

Readiness readiness_of(const serving::Generation& generation, bool any_is_enough, bool draining) {
  Readiness out;
  out.draining = draining;
  if (generation.number == 0) return out;
  out.waiting = generation.waiting();
  const std::size_t datasets = generation.catalog->datasets.size();
  const bool enough = out.waiting.empty() || (any_is_enough && out.waiting.size() < datasets);
  out.ready = enough && !draining;
  return out;
}

std::string to_json(const Readiness& readiness) {
  std::string out(R"({"status":"ok","ready":)");
  json::append_bool(out, readiness.ready);
  if (!readiness.ready) {
    out.append(R"(,"waiting":[)");
    const char* between = "";
    for (const std::string& dataset : readiness.waiting) {
      out.append(between);
      json::append_string(out, dataset);
      between = ",";
    }
    out.push_back(']');
    if (readiness.draining) out.append(R"(,"draining":true)");
  }
  out.push_back('}');
  return out;
}

std::string status_json(bool ready, std::chrono::seconds uptime) {
  std::string out(R"({"status":"ok","service":"offloader","version":)");
  json::append_string(out, OFFLOADER_VERSION);
  out.append(R"(,"ready":)");
  json::append_bool(out, ready);
  out.append(R"(,"uptime_seconds":)");
  json::append_int(out, std::max<std::int64_t>(0, uptime.count()));
  out.push_back('}');
  return out;
}

}  // namespace offloader::admin
