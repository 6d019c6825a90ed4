#pragma once

#include <functional>
#include <string>
#include <vector>

#include "offloader/catalog/load.h"
#include "offloader/cli/cli.h"
#include "offloader/settings/settings.h"

// The individual checks of `offloader doctor`. None of them changes anything.
namespace offloader::cli {

enum class Health { ok, warning, failed, skipped };

struct Check {
  std::string name;
  Health health = Health::ok;
  std::string message;
  std::string hint;  // how to fix it; may be empty
};

using Checks = std::vector<Check>;

// Sets `settings` to nullopt if the environment contains an invalid value.
[[nodiscard]] Checks check_settings(const World& world, const std::string& config,
                                    std::optional<settings::Settings>& settings);
[[nodiscard]] Checks check_config(const catalog::LoadedProject& project);
// `running` says that a server answers, which may hold the lock and the ports.
[[nodiscard]] Checks check_cache_folder(const settings::Settings& settings, bool running);
[[nodiscard]] Checks check_ports(const settings::Settings& settings, bool running);
// Nothing if the audit log is no file. A server that is running may have opened the file with other rights.
[[nodiscard]] Checks check_audit_log(const settings::Settings& settings);
// Reads the TLS files of both ports; nothing if neither speaks TLS.
[[nodiscard]] Checks check_certificates(const settings::Settings& settings);
// Reads the manifest of each dataset and one byte of a file in each store.
[[nodiscard]] Checks check_stores(const World& world, const catalog::LoadedProject& project);
// Fetches the key set of each issuer of JWTs.
[[nodiscard]] Checks check_issuers(const World& world, const catalog::LoadedProject& project);
// `wanted` says that the URL was given explicitly, so that a missing answer is a failure. Sets `running`.
[[nodiscard]] Checks check_server(const std::string& url, const std::string& token, bool wanted,
                                  bool& running);

}  // namespace offloader::cli
