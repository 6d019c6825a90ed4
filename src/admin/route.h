#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/http/message.h"
#include "reply.h"

// The routes of the admin port (admin-api.md) and what a request names in its path and query.
namespace offloader::admin {

// Routes that need no token. Probes are those that machines ask every few seconds.
[[nodiscard]] bool is_open(std::string_view path);
[[nodiscard]] bool is_probe(std::string_view path);

// Routes that need the token.
[[nodiscard]] bool is_gated(std::string_view path);

// `/datasets/{dataset}/{action}`, taken apart; both are empty in other paths.
struct DatasetRoute {
  std::string dataset;
  std::string_view action;
};
[[nodiscard]] DatasetRoute dataset_route(std::string_view path);

// What the log says of the request: known words and identifiers, never the caller's own text.
[[nodiscard]] Call call_of(const http::Request& request);

// The value of a query that may hold nothing but `name=true` or `name=false`: `otherwise` where it is empty,
// nullopt where it is another.
[[nodiscard]] std::optional<bool> only_flag(std::string_view query, std::string_view name, bool otherwise);

}  // namespace offloader::admin
