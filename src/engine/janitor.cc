#include "janitor.h"

#include <utility>

namespace offloader::engine {

Janitor::Janitor() : thread_([this] { work(); }) {}

Janitor::~Janitor() {
  stop();
}

void Janitor::post(std::function<void()> task) {
  {
    const std::lock_guard lock(tasks_mutex_);
    if (!stopping_) {
      tasks_.push_back(std::move(task));
      tasks_ready_.notify_one();
      return;
    }
  }
  task();
}

void Janitor::work() {
  std::unique_lock lock(tasks_mutex_);
  while (true) {
    tasks_ready_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it owns may be an instance: closed without the lock
    lock.lock();
  }
}

void Janitor::stop() {
  {
    const std::lock_guard lock(tasks_mutex_);
    stopping_ = true;
  }
  tasks_ready_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace offloader::engine
