#include "route.h"

#include "offloader/base/identifier.h"
#include "offloader/base/request_id.h"

namespace offloader::admin {
namespace {

std::string_view method_word(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "POST" ? method : "other";
}

}  // namespace

Call call_of(const http::Request& request, std::string_view route, std::string_view id, bool probe) {
  const std::string_view dataset = id.substr(0, id.find('/'));
  return {.request_id = request_id_for(request.header("x-request-id"), false),
          .method = std::string(method_word(request.method())),
          .route = route,
          .dataset = std::string(is_identifier(dataset) ? dataset : ""),
          .client = std::string(request.peer()),
          .probe = probe};
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
