#pragma once

#include <functional>
#include <string>
#include <vector>

#include "offloader/catalog/load.h"
#include "offloader/cli/cli.h"
#include "offloader/settings/settings.h"

// The checks of `offloader doctor`, each by itself; none changes anything.
namespace offloader::cli {

enum class Health { ok, warning, failed, skipped };

struct Check {
  std::string name;
  Health health = Health::ok;
  std::string message;
  std::string hint;  // what to do; empty when there is nothing
};

using Checks = std::vector<Check>;

// `settings` is nothing when the environment holds an invalid value.
[[nodiscard]] Checks check_settings(const World& world, const std::string& config,
                                    std::optional<settings::Settings>& settings);
[[nodiscard]] Checks check_config(const catalog::LoadedProject& project);
// `running`: a server answers, so that it may hold the lock and the ports.
[[nodiscard]] Checks check_cache_folder(const settings::Settings& settings, bool running);
[[nodiscard]] Checks check_ports(const settings::Settings& settings, bool running);
// Reads a manifest of each dataset and a byte of a file of each store.
[[nodiscard]] Checks check_stores(const World& world, const catalog::LoadedProject& project);
// `wanted`: its address was given, so that it must answer.
[[nodiscard]] Checks check_server(const std::string& url, const std::string& token, bool wanted,
                                  bool& running);

}  // namespace offloader::cli
