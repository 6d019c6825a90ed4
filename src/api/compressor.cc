#include "compressor.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "compression.h"

namespace offloader::api {

Compressor::Compressor(Options options) : options_(std::move(options)), threads_(options_.threads) {
  // If a thread cannot be started, those already running do the work.
  const Thread::Options named{.name = "compress", .after = Thread::AfterEscape::restart};
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    if (threads_[i].start(named, [this] { run(); })) continue;
    threads_.resize(i);
    break;
  }
}

Compressor::~Compressor() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  queue_changed_.notify_all();
  for (Thread& thread : threads_) thread.join();
  std::vector<Waiter> over;
  for (auto& [key, task] : tasks_) std::ranges::move(task->waiters, std::back_inserter(over));
  call_back(over);
}

bool Compressor::submit(Request request) {
  std::vector<Waiter> over;
  {
    const MutexLock lock(mutex_);
    if (stopping_ || threads_.empty()) return false;
    Waiter waiter{std::move(request.gone), std::move(request.done), Clock::now() + options_.deadline};
    const Key key{request.answer.get(), request.encoding};
    if (const auto joined = tasks_.find(key); joined != tasks_.end()) {
      joined->second->waiters.push_back(std::move(waiter));
      return true;
    }
    const std::size_t bytes = request.answer->prefix().size();
    end_overdue(over);
    if (make_place(request.fairness_class, bytes, over)) {
      auto task = std::make_shared<Task>(Task{std::move(request.answer), request.encoding, {}});
      task->waiters.push_back(std::move(waiter));
      auto& queue = waiting_[request.fairness_class];
      const auto larger =
          std::ranges::find_if(queue, [&](const TaskPtr& other) { return other->bytes() > bytes; });
      // A task that is queued although submit() throws would answer a request that has its answer already.
      const auto made = tasks_.emplace(key, task).first;
      try {
        queue.insert(larger, task);
      } catch (...) {
        tasks_.erase(made);
        throw;
      }
      waiting_bytes_ += bytes;
    } else {
      over.push_back(std::move(waiter));
    }
  }
  queue_changed_.notify_one();
  call_back(over);
  return true;
}

// Makes room in the queue for `bytes` more of a class; returns false if there is none. If the queue is full,
// the class with the most queued bytes gives up its largest answer, as long as it has more than the new
// answer's class would have.
bool Compressor::make_place(std::uint64_t fairness_class, std::size_t bytes, std::vector<Waiter>& over) {
  if (bytes > options_.max_bytes) return false;
  const auto total = [](const std::deque<TaskPtr>& queue) {
    return std::accumulate(queue.begin(), queue.end(), std::size_t{0},
                           [](std::size_t sum, const TaskPtr& task) { return sum + task->bytes(); });
  };
  while (waiting_bytes_ > options_.max_bytes - bytes) {
    const auto own = waiting_.find(fairness_class);
    const std::size_t then = (own == waiting_.end() ? 0 : total(own->second)) + bytes;
    const auto most =
        std::ranges::max_element(waiting_, {}, [&](const auto& entry) { return total(entry.second); });
    if (most == waiting_.end() || most->first == fairness_class || total(most->second) <= then) return false;
    const TaskPtr given_up = most->second.back();
    most->second.pop_back();
    if (most->second.empty()) waiting_.erase(most);
    waiting_bytes_ -= given_up->bytes();
    forget(given_up, over);
  }
  return true;
}

void Compressor::forget(const TaskPtr& task, std::vector<Waiter>& over) {
  tasks_.erase({task->answer.get(), task->encoding});
  std::ranges::move(task->waiters, std::back_inserter(over));
  task->waiters.clear();
}

void Compressor::end_overdue(std::vector<Waiter>& over) {
  const auto now = Clock::now();
  for (auto& [key, task] : tasks_) {
    const auto ended = std::ranges::partition(task->waiters, [&](const Waiter& waiter) {
      return now < waiter.until && (!waiter.gone || !waiter.gone->cancelled());
    });
    std::ranges::move(ended, std::back_inserter(over));
    task->waiters.erase(ended.begin(), ended.end());
  }
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    std::erase_if(at->second, [&](const TaskPtr& task) OFFLOADER_REQUIRES(mutex_) {
      if (!task->waiters.empty()) return false;
      waiting_bytes_ -= task->bytes();
      tasks_.erase({task->answer.get(), task->encoding});
      return true;
    });
    at = at->second.empty() ? waiting_.erase(at) : std::next(at);
  }
}

void Compressor::call_back(std::vector<Waiter>& over) {
  // If a callback throws, its responder is destroyed and answers 500.
  for (const Waiter& waiter : over) run_guarded({}, waiter.done);
  over.clear();
}

// Returns the next answer of at most `most` bytes, starting with the class after the one served last; null if
// there is none.
Compressor::TaskPtr Compressor::take(std::size_t most) {
  auto at = waiting_.upper_bound(last_class_);
  for (std::size_t i = 0; i < waiting_.size(); ++i, ++at) {
    if (at == waiting_.end()) at = waiting_.begin();
    if (at->second.front()->bytes() > most) continue;
    last_class_ = at->first;
    TaskPtr task = std::move(at->second.front());
    at->second.pop_front();
    if (at->second.empty()) waiting_.erase(at);
    waiting_bytes_ -= task->bytes();
    return task;
  }
  return nullptr;
}

void Compressor::run() {
  while (true) {
    TaskPtr task;
    std::vector<Waiter> over;
    {
      MutexLock lock(mutex_);
      queue_changed_.wait(mutex_,
                          [&]() OFFLOADER_REQUIRES(mutex_) { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      end_overdue(over);
      task = take(~std::size_t{0});
    }
    call_back(over);
    if (task) compress(task, false);
  }
}

void Compressor::compress(const TaskPtr& task, bool in_between) {
  const auto go_on = [&] { return slice_ended(task, in_between); };
  std::vector<Waiter> over;
  // If memory runs out, the answer goes out uncompressed.
  run_guarded({}, [&] {
    if (task->answer->compressed(task->encoding) != nullptr) return;
    auto made = compress_open(task->encoding, task->answer->prefix(), {go_on, options_.memory});
    if (made) task->answer->keep(task->encoding, std::move(made));
  });
  {
    const MutexLock lock(mutex_);
    forget(task, over);
  }
  call_back(over);
}

// Runs between two slices of `task`: calls overdue waiters back, and compresses one small answer. Returns
// false once nobody waits for `task`.
bool Compressor::slice_ended(const TaskPtr& task, bool in_between) {
  std::vector<Waiter> over;
  TaskPtr small;
  bool awaited = false;
  {
    const MutexLock lock(mutex_);
    end_overdue(over);
    awaited = !stopping_ && !task->waiters.empty();
    if (awaited && !in_between) small = take(options_.small);
  }
  call_back(over);
  if (small) compress(small, true);
  return awaited;
}

const serving::CachedAnswer::Compressed* ensure_compressed(const serving::CachedAnswer& answer,
                                                           serving::Encoding encoding,
                                                           const std::shared_ptr<ByteBudget>& memory) {
  if (const auto* made = answer.compressed(encoding)) return made;
  auto made = compress_open(encoding, answer.prefix(), {.memory = memory});
  return made ? answer.keep(encoding, std::move(made)) : nullptr;
}

}  // namespace offloader::api
