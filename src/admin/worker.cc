#include "worker.h"

#include <utility>

namespace offloader::admin {
namespace {

constexpr std::size_t kMaxWaiting = 16;

}  // namespace

Worker::Worker(std::size_t threads) {
  threads_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  } catch (...) {
    stop();  // a thread that is destroyed without being joined ends the process
    throw;
  }
}

Worker::~Worker() {
  stop();
}

void Worker::stop() {
  {
    const std::lock_guard lock(tasks_mutex_);
    stopping_ = true;
  }
  tasks_changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Worker::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(tasks_mutex_);
    if (stopping_ || tasks_.size() >= kMaxWaiting) return false;
    tasks_.push_back(std::move(task));
  }
  tasks_changed_.notify_one();
  return true;
}

void Worker::run() {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(tasks_mutex_);
      tasks_changed_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
      if (stopping_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    // A task that throws must not end the process: its reply, dropped, answers 500.
    try {
      task();
    } catch (...) {
      continue;
    }
  }
}

}  // namespace offloader::admin
