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

// Compresses large answers apart from the I/O threads. Whoever asks for an answer that is being compressed
// joins it. Waiting answers are taken round-robin over fairness classes, smaller ones first within a class,
// and small ones in between the slices of a large one. The queue is bounded by bytes, which classes share
// evenly. A client waits for its answer's compressed form until its deadline, and gets it uncompressed then;
// an answer that nobody waits for any more is given up. Thread-safe.
class Compressor {
 public:
  using Done = std::function<void()>;  // the answer's form is there now, or is not worth waiting for

  struct Options {
    std::size_t threads = 1;
    std::size_t max_bytes = 64U << 20;         // of the texts that wait
    std::size_t small = 1U << 20;              // taken in between
    std::chrono::milliseconds deadline{1000};  // of each request
    std::shared_ptr<ByteBudget> memory = nullptr;
  };

  struct Request {
    std::shared_ptr<const serving::CachedAnswer> answer;
    serving::Encoding encoding = serving::Encoding::gzip;
    std::uint64_t fairness_class = 0;
    std::shared_ptr<CancelFlag> gone;  // may be null
    Done done;                         // called once, from any thread
  };

  // With fewer threads than asked for when the system has no more; with none, submit() refuses.
  explicit Compressor(Options options);
  // What waits is called back uncompressed.
  ~Compressor();

  // False, and no callback, when it has no thread or stops: send identity then. With the queue full the
  // callback comes at once, and the answer may have no compressed form.
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
  // What is over is moved to `over`, to be called back without the lock.
  TaskPtr take(std::size_t most) OFFLOADER_REQUIRES(mutex_);
  void end_overdue(std::vector<Waiter>& over) OFFLOADER_REQUIRES(mutex_);
  bool make_place(std::uint64_t fairness_class, std::size_t bytes, std::vector<Waiter>& over)
      OFFLOADER_REQUIRES(mutex_);
  void forget(const TaskPtr& task, std::vector<Waiter>& over) OFFLOADER_REQUIRES(mutex_);
  static void call_back(std::vector<Waiter>& over);

  const Options options_;
  Mutex mutex_;
  Condition queue_changed_;
  std::map<Key, TaskPtr> tasks_ OFFLOADER_GUARDED_BY(mutex_);  // waiting and running
  std::map<std::uint64_t, std::deque<TaskPtr>> waiting_ OFFLOADER_GUARDED_BY(mutex_);
  std::size_t waiting_bytes_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  std::uint64_t last_class_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  bool stopping_ OFFLOADER_GUARDED_BY(mutex_) = false;
  std::vector<Thread> threads_;
};

// Makes the compressed form unless it is there, counted in `memory`; null when it cannot be made. Blocks for
// as long as compressing takes.
const serving::CachedAnswer::Compressed* ensure_compressed(const serving::CachedAnswer& answer,
                                                           serving::Encoding encoding,
                                                           const std::shared_ptr<ByteBudget>& memory);

}  // namespace offloader::api
