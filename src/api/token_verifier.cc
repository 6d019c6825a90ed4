#include "token_verifier.h"

#include <utility>

#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/telemetry/shed.h"

namespace offloader::api {
namespace {

constexpr std::size_t kMostWaiting = 4096;
// A fetch that was under way when the token came may have begun before the key was published, so a second one
// may be necessary.
constexpr int kMostFetches = 2;

}  // namespace

// An exchange whose token is being verified. Whoever takes the exchange ends the wait.
class TokenVerifier::Waiting {
 public:
  Waiting(std::string asked, ByteHold room, Done then)
      : token(std::move(asked)), done(std::move(then)), room_(std::move(room)) {}

  void keep(std::shared_ptr<Exchange> exchange) {
    generation = exchange->generation;
    io_thread = exchange->request->io_thread();
    const MutexLock lock(exchange_mutex_);
    exchange_ = std::move(exchange);
  }
  // Returns null if it was taken before.
  [[nodiscard]] std::shared_ptr<Exchange> take() {
    const MutexLock lock(exchange_mutex_);
    return std::exchange(exchange_, nullptr);
  }
  [[nodiscard]] bool taken() const {
    const MutexLock lock(exchange_mutex_);
    return exchange_ == nullptr;
  }

  const std::string token;
  const Done done;
  std::shared_ptr<const serving::Generation> generation;
  std::size_t io_thread = 0;
  int fetches = 0;  // used by one thread at a time

 private:
  const ByteHold room_;
  mutable Mutex exchange_mutex_;
  std::shared_ptr<Exchange> exchange_ OFFLOADER_GUARDED_BY(exchange_mutex_);
};

TokenVerifier::TokenVerifier(Post post, std::shared_ptr<ByteBudget> memory, telemetry::Telemetry& telemetry,
                             const Clock& clock, const Finish& finish)
    : post_(post ? std::move(post) : [](std::size_t, const std::function<void()>& task) { task(); }),
      memory_(std::move(memory)),
      shed_memory_(telemetry::shed_counter(telemetry.metrics(), "memory")),
      shed_busy_(telemetry::shed_counter(telemetry.metrics(), "pool")),
      clock_(clock),
      finish_(finish),
      worker_({.name = "verify-tokens",
               .threads = 2,
               .most_waiting = kMostWaiting,
               .report = [&telemetry](std::string_view what) {
                 telemetry.log().error("a token could not be verified, because of an exception",
                                       {{"detail", what}});
               }}) {}

void TokenVerifier::verify(Exchange& exchange, std::string_view token, Done done) {
  ByteHold room(memory_);
  if (!room.try_resize(token.size() + sizeof(Exchange) + sizeof(Waiting))) {
    shed_memory_.add();
    return finish_.refused(exchange, {ErrorCode::no_memory, {}, {}});
  }
  const auto waiting = std::make_shared<Waiting>(std::string(token), std::move(room), std::move(done));
  const std::shared_ptr<CancelFlag> gone = *exchange.gone;
  waiting->keep(Exchange::keep_before_route(std::move(exchange)));
  gone->on_cancel([this, weak = std::weak_ptr(waiting)] {
    const auto left = weak.lock();
    if (!left) return;
    post_(left->io_thread, [this, left] {
      if (const auto ended = left->take()) finish_.refused(*ended, {ErrorCode::cancelled, {}, {}}, false);
    });
  });
  if (worker_.submit([this, waiting] { check(waiting); })) return;
  shed_busy_.add();
  const auto refused = waiting->take();
  if (!refused) return;
  gone->on_cancel({});
  finish_.refused(*refused, {ErrorCode::busy, "too many tokens wait to be verified", {}});
}

void TokenVerifier::check(const WaitingPtr& waiting) {
  using Asked = identity::IssuerKeys::Asked;
  identity::Principals::Found found;
  for (auto asked = Asked::changed; asked == Asked::changed;) {
    if (waiting->taken()) return;
    found = waiting->generation->principals->verify(waiting->token, {clock_.now(), clock_.steady_now()});
    if (!found.fetch || waiting->fetches == kMostFetches) break;
    asked = found.fetch->fetch(found.keys_number, [this, waiting] {
      ++waiting->fetches;
      check(waiting);
    });
    if (asked == Asked::waiting) return;
  }
  post_(waiting->io_thread, [waiting, found = std::move(found)] {
    const auto exchange = waiting->take();
    if (!exchange) return;
    (*exchange->gone)->on_cancel({});
    // After an exception, the responder is destroyed unused, and the client gets a 500.
    run_guarded({}, [&] { waiting->done(*exchange, found); });
  });
}

}  // namespace offloader::api
