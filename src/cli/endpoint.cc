#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "command.h"
#include "console.h"
#include "http_client.h"
#include "offloader/transport/url_encoding.h"

namespace offloader::cli {
namespace {

constexpr std::chrono::seconds kAnswerTimeout{60};

struct TestFlags {
  std::string endpoint;
  std::string url = "http://localhost:4000";
  std::string key;
  std::vector<std::string> params;
  long expect_status = 200;
  bool json = false;
};

// Builds a query string from texts like `from=2025-01-01`. A text may hold several pairs separated by `&`.
// Values are given unencoded and are encoded here.
std::string query_of(const std::vector<std::string>& params) {
  std::string out;
  for (const std::string& text : params) {
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('&', at), text.size());
      const std::string pair = text.substr(at, end - at);
      at = end + 1;
      if (pair.empty()) continue;
      const std::size_t equals = pair.find('=');
      out += (out.empty() ? "?" : "&") + transport::encode_component(pair.substr(0, equals)) + "=" +
             transport::encode_component(pair.substr(equals + 1));
    }
  }
  return out;
}

// Returns how the body deviates from the envelope in consumer-api.md.
std::vector<std::string> check_envelope(const HttpAnswer& answer, const std::string& endpoint) {
  using Json = nlohmann::json;
  std::vector<std::string> wrong;
  const auto type = answer.headers.find("content-type");
  if (type == answer.headers.end() || !type->second.starts_with("application/json"))
    wrong.emplace_back("the content type is not application/json");
  const Json body = Json::parse(answer.body, nullptr, false);
  if (body.is_discarded() || !body.is_object()) {
    wrong.emplace_back("the body is not a JSON object");
    return wrong;
  }
  const Json meta = body.value("meta", Json());
  const auto need = [&](bool good, const char* what) {
    if (!good) wrong.emplace_back(what);
  };
  const auto text = [](const Json& object, const char* name) {
    return object.is_object() && object.contains(name) && object.at(name).is_string();
  };
  need(text(meta, "request_id"), "meta.request_id is missing");
  if (answer.status != 200) {
    const Json error = body.value("error", Json());
    need(text(error, "family") && text(error, "message"), "error.family or error.message is missing");
    return wrong;
  }
  const Json data = body.value("data", Json());
  need(data.is_array(), "data is not a list");
  need(meta.value("endpoint", "") == endpoint, "meta.endpoint is not the requested endpoint");
  for (const char* name : {"snapshot_id", "generated_at", "serving_mode", "cache"})
    need(text(meta, name), (std::string("meta.") + name + " is missing").c_str());
  need(meta.is_object() && meta.contains("row_count") && meta.at("row_count") == data.size(),
       "meta.row_count is not the number of rows");
  need(meta.is_object() && meta.contains("has_more") && meta.at("has_more").is_boolean(),
       "meta.has_more is missing");
  need(text(meta.is_object() ? meta.value("freshness", Json()) : Json(), "watermark"),
       "meta.freshness is missing");
  return wrong;
}

// Summarizes the answer in one line for people.
std::string summary_of(const HttpAnswer& answer) {
  const nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
  if (!body.is_object()) return "";
  if (answer.status == 200 && body.contains("meta") && body["meta"].is_object()) {
    const auto& meta = body["meta"];
    return ", " + std::to_string(meta.value("row_count", 0)) + " rows of snapshot " +
           meta.value("snapshot_id", "?") + ", cache " + meta.value("cache", "?");
  }
  if (!body.contains("error") || !body["error"].is_object()) return "";
  return ", " + body["error"].value("family", "?") + ": " + body["error"].value("message", "?");
}

int test(const TestFlags& flags, World& world) {
  std::string base = flags.url;
  while (base.ends_with('/')) base.pop_back();
  const std::string key = secret_of(world, flags.key, "OFFLOADER_KEY");
  if (key.find_first_of("\r\n") != std::string::npos) {
    world.err << "--key: the key must be a single line\n";
    return kUsage;
  }
  std::vector<std::string> headers;
  if (!key.empty()) headers.push_back("Authorization: Bearer " + key);
  const std::string url = base + "/v1/endpoints/" + flags.endpoint + query_of(flags.params);
  const auto answer = http_get(url, headers, kAnswerTimeout);
  if (!answer) {
    world.err << url << ": " << answer.error().message
              << "\nIs a server running there? Name the URL of its API port with --url.\n";
    return kFailed;
  }
  std::vector<std::string> wrong = check_envelope(*answer, flags.endpoint);
  if (answer->status != flags.expect_status)
    wrong.insert(wrong.begin(), "the status is " + std::to_string(answer->status) + ", not " +
                                    std::to_string(flags.expect_status));
  if (flags.json) {
    nlohmann::ordered_json out = {
        {"ok", wrong.empty()}, {"url", url}, {"status", answer->status}, {"problems", wrong}};
    world.out << out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  } else if (wrong.empty()) {
    world.out << "ok: status " << answer->status << summary_of(*answer) << "\n";
  } else {
    for (const std::string& problem : wrong) world.out << problem << "\n";
    world.err << "failed: status " << answer->status << summary_of(*answer) << "\n";
    if (answer->status == 401 && key.empty()) world.err << "Pass a key with --key or OFFLOADER_KEY.\n";
  }
  return wrong.empty() ? kSuccess : kFailed;
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

void add_endpoint(CLI::App& root, Action& action) {
  CLI::App* endpoint = add_command(root, "endpoint", "Calls endpoints of a running server.",
                                   "offloader endpoint test --endpoint orders --params from=2025-01-01");
  endpoint->require_subcommand(1);
  CLI::App* command =
      add_command(*endpoint, "test", "Calls an endpoint and checks its status and envelope.",
                  "OFFLOADER_KEY=offl_... offloader endpoint test --endpoint orders --params product=anvil "
                  "--url http://localhost:8088\n"
                  "offloader endpoint test --endpoint orders --key wrong --expect-status 401");
  auto flags = std::make_shared<TestFlags>();
  command->add_option("--endpoint", flags->endpoint, "The endpoint's name")
      ->type_name("NAME")
      ->check(identifier_value())
      ->required();
  command->add_option("--url", flags->url, "The URL of the API port")
      ->type_name("URL")
      ->check(url_value())
      ->capture_default_str();
  command
      ->add_option("--key", flags->key, "The API key; prefer OFFLOADER_KEY, which process lists do not show")
      ->type_name("TOKEN");
  command
      ->add_option("--params", flags->params,
                   "NAME=VALUE, not percent-encoded; may be repeated, or joined by &")
      ->type_name("NAME=VALUE")
      ->check(params_value());
  command->add_option("--expect-status", flags->expect_status, "The expected status")
      ->type_name("STATUS")
      ->check(number_between(100, 599))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->callback([&action, flags] { action = [flags](World& world) { return test(*flags, world); }; });
}

}  // namespace offloader::cli
