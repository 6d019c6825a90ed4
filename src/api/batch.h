#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "batch_body.h"
#include "exchange.h"
#include "finish.h"
#include "offloader/base/mutex.h"
#include "stage.h"

namespace offloader::api {

// The requests of one `POST /v1/batch` while they are answered (consumer-api.md). Each is an exchange of its
// own, which shares the generation, the principal, the request id and the time of the batch, and whose
// response the batch collects instead of a connection. At most kPlaces of them run or wait for a query at a
// time; the others wait here. The batch answers when all of them have, and cancels them when the client goes
// away. Owned by the responders of its requests. Thread-safe.
class Batch : public std::enable_shared_from_this<Batch> {
 public:
  // How many places of the read pool a batch may hold (consumer-api.md).
  static constexpr std::size_t kPlaces = 4;

  // How the batch runs stages.
  struct Steps {
    Resume begin;   // of an endpoint, from the limits stage on
    Resume resume;  // of an endpoint, after the turn stage
    Resume send;    // of the batch itself: compresses and sends its answer
    Resume limits;  // of the batch itself: sets what its answer says of the caller's limits
  };

  // `outer` is the exchange of the batch itself, with its request. `memory` counts the answer in one piece;
  // null: unbounded. The references must outlive the batch.
  Batch(std::shared_ptr<Exchange> outer, std::vector<BatchedRequest> requests, const Finish& finish,
        const Steps& steps, std::shared_ptr<ByteBudget> memory);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // Begins every request. Requires: called once, on the I/O thread of the batch.
  void start();

  // Returns whether the exchange may run its query now. If not, keeps it and resumes it later, on the thread
  // of a request that has been answered.
  [[nodiscard]] bool take_turn(Exchange& exchange);

 private:
  class Slot;
  class Request;
  struct Answer {
    int status = 0;
    http::Body body;
    bool has_place = false;
  };

  void answered(std::size_t index, int status, http::Body body) noexcept;
  void give_turns() noexcept;
  void resume(const std::shared_ptr<Exchange>& exchange) const;
  void cancel();
  void respond();
  [[nodiscard]] http::Body take_results();

  const std::shared_ptr<Exchange> outer_;
  const Finish& finish_;
  const Steps& steps_;
  const std::shared_ptr<ByteBudget> memory_;
  const std::unique_ptr<const Request> request_;  // the same for all
  std::vector<BatchedRequest> requests_;
  std::vector<std::shared_ptr<CancelFlag>> gone_;  // one for each request, because a flag has one action
  Mutex mutex_;
  std::vector<Answer> answers_ OFFLOADER_GUARDED_BY(mutex_);
  std::size_t unanswered_ OFFLOADER_GUARDED_BY(mutex_);
  std::size_t places_taken_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  bool giving_turns_ OFFLOADER_GUARDED_BY(mutex_) = false;
  std::vector<std::shared_ptr<Exchange>> waiting_
      OFFLOADER_GUARDED_BY(mutex_);  // those before next_ are null
  std::size_t next_ OFFLOADER_GUARDED_BY(mutex_) = 0;
};

}  // namespace offloader::api
