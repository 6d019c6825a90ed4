#include "worker.h"

#include <exception>
#include <utility>

namespace offloader::admin {
namespace {

constexpr std::size_t kMaxWaiting = 16;

}  // namespace

Worker::Worker() : thread_([this] { run(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock(tasks_mutex_);
    stopping_ = true;
  }
  tasks_changed_.notify_all();
  thread_.join();
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
    // What a task throws is no reason for the process to end: its responder, dropped, answers 500.
    try {
      task();
    } catch (const std::exception&) {
      continue;
    }
  }
}

}  // namespace offloader::admin
