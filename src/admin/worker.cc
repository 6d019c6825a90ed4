#include "worker.h"

#include <utility>

namespace offloader::admin {
namespace {

constexpr std::size_t kMaxWaiting = 16;

}  // namespace

Worker::Worker(std::string name, std::size_t threads) : name_(std::move(name)), threads_(threads) {}

Worker::~Worker() {
  stop();
}

void Worker::stop() {
  {
    const std::lock_guard lock(tasks_mutex_);
    stopping_ = true;
  }
  tasks_changed_.notify_all();
  for (Thread& thread : threads_) thread.join();
}

bool Worker::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(tasks_mutex_);
    if (stopping_ || tasks_.size() >= kMaxWaiting) return false;
    // What a task throws is no reason for the thread to end: its responder, dropped, answers 500.
    const Thread::Options options{.name = name_, .after = Thread::AfterEscape::restart};
    // The first task starts them. Where not all can be had, those there are do the work.
    for (Thread& thread : threads_) {
      if (!thread.joinable() && !thread.start(options, [this] { run(); })) break;
    }
    if (threads_.empty() || !threads_.front().joinable()) return false;
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
    task();
  }
}

}  // namespace offloader::admin
