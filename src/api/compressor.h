#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "offloader/base/byte_budget.h"
#include "offloader/base/cancel.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/serving/cached_answer.h"

namespace offloader::api {

// Compresses large answers on threads of its own, so that no I/O thread is blocked. A request for an answer
// that is already being compressed joins it. Queued answers are taken round-robin over fairness classes,
// smaller ones first within a class, and small answers are compressed between the slices of a large one. The
// queue is bounded by bytes, which the classes share evenly. A request waits until its deadline and then gets
// the answer uncompressed. Compression stops once no request waits for the answer. Thread-safe.
class Compressor {
 public:
  using Done = std::function<void()>;  // the answer has its compressed form, or goes out uncompressed

  struct Options {
    std::size_t threads = 1;
    std::size_t max_bytes = 64U << 20;         // total size of the queued texts
    std::size_t small = 1U << 20;              // largest answer that is compressed between slices of another
    std::chrono::milliseconds deadline{1000};  // for each request
    std::shared_ptr<ByteBudget> memory = nullptr;
  };

  struct Request {
    std::shared_ptr<const serving::CachedAnswer> answer;
    serving::Encoding encoding = serving::Encoding::gzip;
    std::uint64_t fairness_class = 0;
    std::shared_ptr<CancelFlag> gone;  // may be null
    Done done;                         // called once, from any thread
  };

  // If the system cannot start all threads, the compressor runs with fewer; with none, submit() returns
  // false.
  explicit Compressor(Options options);
  // Calls every waiting request back; their answers go out uncompressed.
  ~Compressor();

  // Queues an answer. Returns false, without a callback, if there is no thread or the compressor is stopping;
  // send the answer uncompressed then. If the queue is full, the callback runs within this call and the
  // answer may have no compressed form.
  [[nodiscard]] bool submit(Request request);

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiter {
    std::shared_ptr<CancelFlag> gone;
    Done done;
    Clock::time_point until;
  };
  struct Task {
    std::shared_ptr<const serving::CachedAnswer> answer;
    serving::Encoding encoding;
    std::vector<Waiter> waiters;

    [[nodiscard]] std::size_t bytes() const { return answer->prefix().size(); }
  };
  using TaskPtr = std::shared_ptr<Task>;
  using Key = std::pair<const serving::CachedAnswer*, serving::Encoding>;

  void run();
  void compress(const TaskPtr& task, bool in_between);
  bool slice_ended(const TaskPtr& task, bool in_between);
  // Waiters that are done are moved to `over`, so that they are called back without the lock.
  TaskPtr take(std::size_t most) OFFLOADER_REQUIRES(mutex_);
  void end_overdue(std::vector<Waiter>& over) OFFLOADER_REQUIRES(mutex_);
  bool make_place(std::uint64_t fairness_class, std::size_t bytes, std::vector<Waiter>& over)
      OFFLOADER_REQUIRES(mutex_);
  void forget(const TaskPtr& task, std::vector<Waiter>& over) OFFLOADER_REQUIRES(mutex_);
  static void call_back(std::vector<Waiter>& over);

  const Options options_;
  Mutex mutex_;
  Condition queue_changed_;
  std::map<Key, TaskPtr> tasks_ OFFLOADER_GUARDED_BY(mutex_);  // queued and running
  std::map<std::uint64_t, std::deque<TaskPtr>> waiting_ OFFLOADER_GUARDED_BY(mutex_);
  std::size_t waiting_bytes_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  std::uint64_t last_class_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  bool stopping_ OFFLOADER_GUARDED_BY(mutex_) = false;
  std::vector<Thread> threads_;
};

// Returns the compressed form of `answer`, made on the calling thread if it does not exist yet, and counted
// in `memory`. Returns null if it cannot be made.
const serving::CachedAnswer::Compressed* ensure_compressed(const serving::CachedAnswer& answer,
                                                           serving::Encoding encoding,
                                                           const std::shared_ptr<ByteBudget>& memory);

}  // namespace offloader::api
