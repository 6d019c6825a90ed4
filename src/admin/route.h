#pragma once

#include <optional>
#include <string_view>

#include "offloader/http/message.h"
#include "reply.h"

// Reads what a request of the admin port names in its path and query (admin-api.md).
namespace offloader::admin {

// The name in the log of a path that has no route.
inline constexpr std::string_view kUnknownRoute = "_unknown";

// Returns what the log says about a request: known words and identifiers, never text of the caller. `route`
// is the pattern of its route. `id` is what the path has after `/datasets/`, of which the part before the
// next slash may be the id of a dataset; empty for other paths. `probe`: machines poll the route.
[[nodiscard]] Call call_of(const http::Request& request, std::string_view route, std::string_view id,
                           bool probe);

// Returns the value of a query that may only be `name=true` or `name=false`. Returns `otherwise` if the query
// is empty, and nullopt if it is anything else.
[[nodiscard]] std::optional<bool> only_flag(std::string_view query, std::string_view name, bool otherwise);

}  // namespace offloader::admin
