#include "asking_pool.h"

#include <algorithm>
#include <utility>

namespace offloader::refresh {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How often a thread checks again whether it may take a waiting task.
constexpr std::chrono::milliseconds kLook{50};

}  // namespace

AskingPool::AskingPool(const Limits& limits, EscapeReport report)
    : limits_(limits), report_(std::move(report)) {
  threads_.reserve(limits_.threads);
}

Result<void> AskingPool::start() {
  const MutexLock lock(tasks_mutex_);
  return add_thread();
}

Result<void> AskingPool::add_thread() {
  Thread thread;
  auto started = thread.start(
      {.name = "ask-source", .report = report_, .after = Thread::AfterEscape::restart}, [this] { work(); });
  if (started) threads_.push_back(std::move(thread));
  return started;
}

void AskingPool::submit(Task task) {
  {
    const MutexLock lock(tasks_mutex_);
    if (stopping_) return;
    waiting_.push_back(std::move(task));
    const std::size_t idle = threads_.size() - running_.size();
    // Not starting a thread is harmless: the running ones take this task when they are done. That includes a
    // lack of memory, which must not be thrown: the caller would assume that the task was not submitted.
    if (idle < waiting_.size() && threads_.size() < limits_.threads) {
      try {
        static_cast<void>(add_thread());
      } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
      }
    }
  }
  changed_.notify_one();
}

void AskingPool::stop() {
  std::list<Task> dropped;
  std::vector<Thread> threads;
  {
    const MutexLock lock(tasks_mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (Thread& thread : threads) thread.join();
}

void AskingPool::work() {
  MutexLock lock(tasks_mutex_);
  while (!stopping_) {
    const auto found = next(SteadyClock::now());
    if (found == waiting_.end()) {
      if (waiting_.empty()) {
        changed_.wait(tasks_mutex_);
      } else {
        changed_.wait_for(tasks_mutex_, kLook);
      }
      continue;
    }
    const auto mine = running_.insert(running_.end(), {.task = {}, .suspected = false, .begun = {}});
    mine->task = std::move(*found);
    mine->suspected = mine->task.suspected->load();
    mine->begun = SteadyClock::now();
    waiting_.erase(found);
    lock.unlock();
    run_guarded(report_, mine->task.ask);
    mine->task.suspected->store(SteadyClock::now() - mine->begun >= limits_.stalled_after);
    mine->task.ask = nullptr;  // destroys its captures without the lock
    lock.lock();
    running_.erase(mine);
    changed_.notify_all();
  }
}

std::list<AskingPool::Task>::iterator AskingPool::next(SteadyClock::time_point now) {
  const auto running = [&](auto condition) OFFLOADER_REQUIRES(tasks_mutex_) {
    return static_cast<std::size_t>(std::count_if(running_.begin(), running_.end(), condition));
  };
  const bool room = running([&](const Running& one) { return counts_as_lively(one, now); }) < limits_.lively;
  const bool room_for_suspected =
      running([](const Running& one) { return one.suspected; }) < limits_.suspected;
  return std::find_if(waiting_.begin(), waiting_.end(),
                      [&](const Task& task) OFFLOADER_REQUIRES(tasks_mutex_) {
                        if (!(task.suspected->load() ? room_for_suspected : room)) return false;
                        return running([&](const Running& one) { return one.task.origin == task.origin; }) <
                               limits_.of_one_origin;
                      });
}

bool AskingPool::counts_as_lively(const Running& running, SteadyClock::time_point now) const {
  return !running.suspected && now - running.begun < limits_.stalled_after;
}

}  // namespace offloader::refresh
