#include "janitor.h"

#include <utility>

namespace offloader::local_executor {
namespace {

constexpr std::size_t kMostWaiting = 1 << 16;

}  // namespace

Result<void> Janitor::start(const char* name, EscapeReport report) {
  worker_.emplace(Worker::Options{.name = name,
                                  .most_waiting = kMostWaiting,
                                  .at_stop = Worker::AtStop::drain,
                                  .report = std::move(report)});
  auto started = worker_->start();
  if (!started) worker_.reset();
  return started;
}

void Janitor::post(std::function<void()> task) {
  if (!worker_ || !worker_->offer(task)) task();
}

void Janitor::stop() {
  if (worker_) worker_->stop();
}

}  // namespace offloader::local_executor
