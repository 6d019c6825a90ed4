#pragma once

#include <memory>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"

namespace offloader::app {

class Server;

// SIGTERM, SIGINT and SIGHUP, taken by a thread of their own from the first moment of the process on. The
// first SIGTERM or SIGINT ends a start within a second, whatever it waits for, with exit code 0; a server
// that runs it shuts down. A second one ends the process at once, with 1. SIGHUP reloads the project of a
// server that runs.
class Signals {
 public:
  // Call before any other thread is started: they inherit that these signals are blocked. `busy` when there
  // is no thread to be had.
  [[nodiscard]] static Result<std::unique_ptr<Signals>> watch();
  virtual ~Signals() = default;

  // Raised by the first SIGTERM or SIGINT.
  [[nodiscard]] virtual CancelFlag& stop_asked() = 0;

  // Waits for signals until the server has shut down. Returns the exit code.
  [[nodiscard]] virtual int run_until_stopped(Server& server) = 0;
};

}  // namespace offloader::app
