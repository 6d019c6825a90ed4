#pragma once

#include <memory>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"

namespace offloader::app {

class Server;

// Handles SIGTERM, SIGINT and SIGHUP on its own thread, from the start of the process on. The first SIGTERM
// or SIGINT ends a start within a second, whatever it waits for, with exit code 0; a running server shuts
// down. A second one ends the process at once, with exit code 1. SIGHUP reloads the project of a running
// server. The thread that waits also has the TLS files checked for changes. One object per process.
class Signals {
 public:
  // Requires: no other thread has been started, because new threads inherit that these signals are blocked.
  // Errors: busy if there is no thread or descriptor left.
  [[nodiscard]] static Result<std::unique_ptr<Signals>> watch();
  virtual ~Signals() = default;

  // Raised by the first SIGTERM or SIGINT.
  [[nodiscard]] virtual CancelFlag& stop_asked() = 0;

  // Waits for signals until the server has shut down. Returns the exit code.
  [[nodiscard]] virtual int run_until_stopped(Server& server) = 0;
};

}  // namespace offloader::app
