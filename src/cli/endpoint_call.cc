#include "endpoint_call.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "console.h"
#include "offloader/transport/url_encoding.h"

namespace offloader::cli {
namespace {

// Calls `use` with the name and the value of each param. A text of --params may hold several pairs separated
// by
// `&`.
template <typename Use>
void each_param(const std::vector<std::string>& params, Use use) {
  for (const std::string& text : params) {
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('&', at), text.size());
      const std::string pair = text.substr(at, end - at);
      at = end + 1;
      if (pair.empty()) continue;
      const std::size_t equals = pair.find('=');
      use(pair.substr(0, equals), pair.substr(equals + 1));
    }
  }
}

void append_query(std::string& url, const std::vector<std::string>& params) {
  each_param(params, [&](const std::string& name, const std::string& value) {
    url += (url.find('?') == std::string::npos ? "?" : "&") + transport::encode_component(name) + "=" +
           transport::encode_component(value);
  });
}

CLI::Validator params_value() {
  return {[](const std::string& text) {
            return text.find('=') != std::string::npos && text.front() != '='
                       ? std::string()
                       : "`" + text + "` is not NAME=VALUE";
          },
          ""};
}

}  // namespace

void add_call_flags(CLI::App& command, CallFlags& flags) {
  command.add_option("--endpoint", flags.endpoint, "The endpoint's name")
      ->type_name("NAME")
      ->check(identifier_value())
      ->required();
  command.add_option("--url", flags.url, "The URL of the API port")
      ->type_name("URL")
      ->check(url_value())
      ->capture_default_str();
  command
      .add_option("--key", flags.key, "The API key; prefer OFFLOADER_KEY, which process lists do not show")
      ->type_name("TOKEN");
  command
      .add_option("--params", flags.params,
                  "NAME=VALUE, not percent-encoded; may be repeated, or joined by &")
      ->type_name("NAME=VALUE")
      ->check(params_value());
}

bool names_param(const CallFlags& flags, std::string_view name) {
  bool found = false;
  each_param(flags.params, [&](const std::string& one, const std::string&) { found = found || one == name; });
  return found;
}

Result<Call> call_of(const CallFlags& flags, const World& world, const std::vector<std::string>& more) {
  Call call;
  call.url = flags.url;
  while (call.url.ends_with('/')) call.url.pop_back();
  call.url += "/v1/endpoints/" + flags.endpoint;
  append_query(call.url, flags.params);
  append_query(call.url, more);
  const std::string key = secret_of(world, flags.key, "OFFLOADER_KEY");
  if (key.find_first_of("\r\n") != std::string::npos)
    return fail(ErrorCode::invalid_param, "--key: the key must be a single line");
  call.has_key = !key.empty();
  if (call.has_key) call.headers.push_back("Authorization: Bearer " + key);
  return call;
}

std::string error_text(const nlohmann::json& body) {
  if (!body.is_object() || !body.contains("error") || !body["error"].is_object()) return "";
  const auto text = [](const nlohmann::json& object, const char* name) {
    const bool has = object.is_object() && object.contains(name) && object[name].is_string();
    return has ? object[name].get<std::string>() : std::string("?");
  };
  const nlohmann::json& error = body["error"];
  const auto with_allowed = [&](const nlohmann::json& problem) {
    std::string out = text(problem, "message");
    if (!problem.is_object()) return out;
    const auto allowed = problem.find("allowed");
    if (allowed == problem.end() || !allowed->is_array() || allowed->empty()) return out;
    std::string list;
    for (const nlohmann::json& each : *allowed)
      list += (list.empty() ? "" : ", ") + (each.is_string() ? each.get<std::string>() : each.dump());
    return out + " (" + list + ")";
  };
  std::string out = text(error, "family") + ": " + with_allowed(error);
  // The first problem is the error's own message.
  const auto problems = error.find("problems");
  if (problems == error.end() || !problems->is_array()) return out;
  for (std::size_t i = 1; i < problems->size(); ++i) out += "\n  " + with_allowed((*problems)[i]);
  return out;
}

void print_refused(long status, const nlohmann::json& body, const Call& call, World& world) {
  const std::string error = error_text(body);
  world.err << "failed: status " << status << (error.empty() ? "" : ", " + error) << "\n";
  print_advice(status, call, world);
}

void print_advice(long status, const Call& call, World& world) {
  constexpr long kUnauthorized = 401;
  if (status == kUnauthorized && !call.has_key) world.err << "Pass a key with --key or OFFLOADER_KEY.\n";
}

void print_unreachable(const Call& call, const Error& error, World& world) {
  world.err << call.url << ": " << error.message
            << "\nIs a server running there? Name the URL of its API port with --url.\n";
}

}  // namespace offloader::cli
