#include "admin_call.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "console.h"

namespace offloader::cli {

void add_admin_flags(CLI::App& command, AdminFlags& flags) {
  command
      .add_option("--admin-url", flags.url,
                  "The URL of the admin port; default http://127.0.0.1:$OFFLOADER_ADMIN_PORT (4001), or "
                  "https://localhost if OFFLOADER_ADMIN_TLS_CERT is set")
      ->type_name("URL")
      ->check(url_value());
  command
      .add_option("--admin-token", flags.token,
                  "The admin token; prefer OFFLOADER_ADMIN_TOKEN, which process lists do not show")
      ->type_name("TOKEN");
}

std::optional<HttpAnswer> call_admin(const AdminFlags& flags, const std::string& method,
                                     const std::string& path, std::chrono::milliseconds timeout,
                                     World& world) {
  const std::string url = admin_url_of(world, flags.url) + path;
  const auto token = read_secret(world, flags.token, "OFFLOADER_ADMIN_TOKEN");
  if (!token) {
    world.err << token.error().message << "\n";
    return std::nullopt;
  }
  if (token->empty()) {
    world.err << "an admin token is required: pass --admin-token or set OFFLOADER_ADMIN_TOKEN\n";
    return std::nullopt;
  }
  const std::vector<std::string> headers{"Authorization: Bearer " + *token};
  auto answer = method == "GET" ? http_get(url, headers, timeout) : http_post(url, headers, timeout);
  if (!answer) {
    world.err << url << ": " << answer.error().message
              << "\nIs a server running there? Name the URL of its admin port with --admin-url.\n";
    return std::nullopt;
  }
  if (answer->status == 200 || answer->status == 202) return std::move(*answer);
  const auto body = nlohmann::json::parse(answer->body, nullptr, false);
  std::string message = fmt::format("status {}", answer->status);
  if (body.is_object() && body.contains("error") && body["error"].is_object())
    message = body["error"].value("message", message);
  // The server names what it requires; here it was sent.
  if (answer->status == 401 && message.find("admin token") != std::string::npos)
    message = "the admin token was not accepted: check --admin-token or OFFLOADER_ADMIN_TOKEN";
  world.err << url << ": " << message << "\n";
  if (answer->status == 404 && method == "GET")
    world.err << "This may be the API port. Name the URL of the admin port with --admin-url.\n";
  return std::nullopt;
}

}  // namespace offloader::cli
