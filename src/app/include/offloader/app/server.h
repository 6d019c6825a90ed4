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

// The whole server, composed from settings. One object per process, owned by the caller of start(). Its
// functions may be called from one thread at a time.
class Server {
 public:
  virtual ~Server() = default;

  // Loads the project, opens both ports, serves the snapshots in the cache folder and starts refreshing.
  // `stop` may be null. Errors: invalid_config with all findings as its message if the project is invalid, or
  // with the setting if a TLS file is;
  // not_ready if it cannot be read; conflict if another process uses the cache folder; unavailable if a port
  // cannot be opened; busy if there is no thread or memory left; cancelled soon after `stop` is raised.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const settings::Settings& settings,
                                                             CancelFlag* stop = nullptr);

  [[nodiscard]] virtual std::uint16_t api_port() const = 0;
  [[nodiscard]] virtual std::uint16_t admin_port() const = 0;
  [[nodiscard]] virtual bool api_has_tls() const = 0;
  [[nodiscard]] virtual bool admin_has_tls() const = 0;
  // Returns whether every dataset that an endpoint needs has a snapshot.
  [[nodiscard]] virtual bool ready() const = 0;
  // Returns the current project; never null.
  [[nodiscard]] virtual std::shared_ptr<const catalog::Catalog> project() const = 0;

  // Rereads the TLS files and starts a reload of the project (SIGHUP).
  virtual void reload() = 0;

  // Rereads the TLS files that have changed. Call it about once a second if has_certificates() is true.
  // Blocks while it reads files.
  virtual void reread_certificates() = 0;
  [[nodiscard]] virtual bool has_certificates() const = 0;

  // Forces a refresh of a dataset and waits for it. Errors: not_found if the dataset is unknown.
  [[nodiscard]] virtual Result<refresh::RefreshReport> refresh_and_wait(const std::string& dataset) = 0;

  [[nodiscard]] virtual refresh::RefreshStatus refresh_status() const = 0;

  // /ready answers 503 at once. After `settings.drain`, or as soon as `hurry` returns true, closes the
  // listeners, waits up to 10 s for requests in flight, and abandons builds. Blocks. Later calls do nothing.
  virtual void shut_down(const std::function<bool()>& hurry) = 0;
};

}  // namespace offloader::app
