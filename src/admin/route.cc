#include "route.h"

#include "offloader/base/identifier.h"
#include "offloader/base/request_id.h"

namespace offloader::admin {
namespace {

std::string_view method_word(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "POST" ? method : "other";
}

}  // namespace

bool is_probe(std::string_view path) {
  return path == "/live" || path == "/ready" || path == "/status" || path == "/metrics";
}

bool is_open(std::string_view path) {
  return is_probe(path) || path == "/docs" || path == "/schema" || path == "/openapi.json";
}

bool is_gated(std::string_view path) {
  return path == "/diagnostics" || path == "/support-bundle" || path == "/config/reload" ||
         path.starts_with("/datasets/");
}

DatasetRoute dataset_route(std::string_view path) {
  constexpr std::string_view kPrefix = "/datasets/";
  if (!path.starts_with(kPrefix)) return {};
  path.remove_prefix(kPrefix.size());
  const auto slash = path.find('/');
  return {std::string(path.substr(0, slash)),
          slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1)};
}

Call call_of(const http::Request& request) {
  const std::string_view path = request.path();
  Call call{.request_id = request_id_for(request.header("x-request-id"), false),
            .method = std::string(method_word(request.method())),
            .route = "_unknown",
            .dataset = {},
            .client = std::string(request.peer()),
            .probe = is_probe(path)};
  for (const std::string_view known :
       {"/live", "/ready", "/status", "/metrics", "/docs", "/schema", "/openapi.json", "/diagnostics",
        "/support-bundle", "/config/reload"}) {
    if (path == known) call.route = known;
  }
  const DatasetRoute route = dataset_route(path);
  if (route.action == "refresh") call.route = "/datasets/{id}/refresh";
  if (route.action == "rollback") call.route = "/datasets/{id}/rollback";
  if (is_identifier(route.dataset)) call.dataset = route.dataset;
  return call;
}

std::optional<bool> only_flag(std::string_view query, std::string_view name, bool otherwise) {
  if (query.empty()) return otherwise;
  if (!query.starts_with(name) || query.substr(name.size()).substr(0, 1) != "=") return std::nullopt;
  const std::string_view value = query.substr(name.size() + 1);
  if (value == "true") return true;
  if (value == "false") return false;
  return std::nullopt;
}

}  // namespace offloader::admin
