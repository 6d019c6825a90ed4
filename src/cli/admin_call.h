#pragma once

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "http_client.h"

// What the commands that call the admin port share: their flags, the request, and tables.
namespace offloader::cli {

struct AdminFlags {
  std::string url;
  std::string token;
};

// Declares --admin-url and --admin-token.
void add_admin_flags(CLI::App& command, AdminFlags& flags);

// Returns the admin port's answer of status 200 or 202, or nullopt after printing an error. `path` may have a
// query. Blocks.
[[nodiscard]] std::optional<HttpAnswer> call_admin(const AdminFlags& flags, const std::string& method,
                                                   const std::string& path, std::chrono::milliseconds timeout,
                                                   World& world);

}  // namespace offloader::cli
