#include "janitor.h"

#include <utility>

namespace offloader::engine {

Result<void> Janitor::start(const char* name, Report report) {
  const auto set_stopping = [this](bool stopping) {
    const std::lock_guard lock(tasks_mutex_);
    stopping_ = stopping;
  };
  set_stopping(false);
  auto started = thread_.start(
      {.name = name, .report = std::move(report), .after = Thread::AfterEscape::restart}, [this] { work(); });
  if (!started) set_stopping(true);
  return started;
}

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
  thread_.join();
}

}  // namespace offloader::engine
