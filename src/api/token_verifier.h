#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "exchange.h"
#include "finish.h"
#include "offloader/base/byte_budget.h"
#include "offloader/base/worker.h"
#include "offloader/identity/principals.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::api {

// Verifies JWTs outside the I/O threads: a signature takes up to a millisecond, and a token with an unknown
// key waits until the key set of its issuer has been fetched. An exchange that waits counts in the memory for
// answers, and ends when its client goes away. Owned by the port. Any I/O thread.
class TokenVerifier {
 public:
  // Runs a task on an I/O thread of the port, or drops it if the port has stopped.
  using Post = std::function<void(std::size_t io_thread, std::function<void()> task)>;
  // Called on the I/O thread of the exchange.
  using Done = std::function<void(Exchange& exchange, const identity::Principals::Found& found)>;

  TokenVerifier(Post post, std::shared_ptr<ByteBudget> memory, telemetry::Telemetry& telemetry,
                const Clock& clock, const Finish& finish);

  // Takes the exchange, verifies the token, and calls `done`. If too many tokens wait or the memory is used
  // up, refuses the exchange with 503.
  void verify(Exchange& exchange, std::string_view token, Done done);

 private:
  class Waiting;
  using WaitingPtr = std::shared_ptr<Waiting>;

  void check(const WaitingPtr& waiting);

  const Post post_;
  const std::shared_ptr<ByteBudget> memory_;
  telemetry::Counter& shed_memory_;
  telemetry::Counter& shed_busy_;
  const Clock& clock_;
  const Finish& finish_;
  Worker worker_;
};

}  // namespace offloader::api
