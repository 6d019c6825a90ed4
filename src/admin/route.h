#pragma once

#include <optional>
#include <string_view>

#include "offloader/http/message.h"
#include "reply.h"

// What a request of the admin port names in its path and query (admin-api.md).
namespace offloader::admin {

// What the log calls a path that has no route.
inline constexpr std::string_view kUnknownRoute = "_unknown";

// What the log says of a request: known words and identifiers, never the caller's own text. `route`: its
// pattern. `id`: what the path names after `/datasets/`, a dataset's id up to a slash; empty in other paths.
// `probe`: machines ask it every few seconds.
[[nodiscard]] Call call_of(const http::Request& request, std::string_view route, std::string_view id,
                           bool probe);

// The value of a query that may hold nothing but `name=true` or `name=false`: `otherwise` where it is empty,
// nullopt where it is another.
[[nodiscard]] std::optional<bool> only_flag(std::string_view query, std::string_view name, bool otherwise);

}  // namespace offloader::admin
