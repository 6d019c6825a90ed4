#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/refresh/status.h"
#include "offloader/settings/settings.h"

namespace offloader::catalog {
struct Catalog;
}

namespace offloader::app {

// The whole server, composed from settings. One object a process; its functions may be called from one thread
// at a time.
class Server {
 public:
  virtual ~Server() = default;

  // Loads the project, opens both ports, serves what the cache folder has, and begins to refresh.
  // `invalid_config` with every finding as its message when the project does not load; `conflict` when
  // another process has the cache folder; `unavailable` when a port cannot be had; `busy` when there is no
  // thread or memory to be had; `cancelled` soon after `stop`, which may be null, is raised.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const settings::Settings& settings,
                                                             CancelFlag* stop = nullptr);

  [[nodiscard]] virtual std::uint16_t api_port() const = 0;
  [[nodiscard]] virtual std::uint16_t admin_port() const = 0;
  [[nodiscard]] virtual bool ready() const = 0;
  // As it is now; never null.
  [[nodiscard]] virtual std::shared_ptr<const catalog::Catalog> project() const = 0;

  // Checks the project now (SIGHUP). Returns at once.
  virtual void reload() = 0;

  // Forces a refresh of a dataset, blocking. `not_found` for an unknown one.
  [[nodiscard]] virtual Result<refresh::RefreshReport> refresh_and_wait(const std::string& dataset) = 0;

  [[nodiscard]] virtual refresh::RefreshStatus refresh_status() const = 0;

  // /ready turns 503 at once; after `settings.drain` (or when `hurry` says so) the listeners close, requests
  // in flight finish, builds are abandoned. Blocking.
  virtual void shut_down(const std::function<bool()>& hurry) = 0;
};

}  // namespace offloader::app
