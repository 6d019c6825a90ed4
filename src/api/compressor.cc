#include "compressor.h"

#include "compression.h"

namespace offloader::api {
namespace {

constexpr std::size_t kMaxQueued = 64;

}  // namespace

Compressor::Compressor() : thread_([this] { run(); }) {}

Compressor::~Compressor() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  queue_changed_.notify_all();
  thread_.join();
  for (Job& job : queue_) job.done();
}

bool Compressor::submit(std::shared_ptr<const serving::CachedAnswer> answer, serving::Encoding encoding,
                        Done done) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (stopping_ || queue_.size() >= kMaxQueued) return false;
    queue_.push_back({std::move(answer), encoding, std::move(done)});
  }
  queue_changed_.notify_one();
  return true;
}

void Compressor::run() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(queue_mutex_);
      queue_changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    ensure_compressed(*job.answer, job.encoding);
    job.done();
  }
}

const serving::CachedAnswer::Compressed* ensure_compressed(const serving::CachedAnswer& answer,
                                                           serving::Encoding encoding) {
  if (const auto* made = answer.compressed(encoding)) return made;
  auto made = compress_open(encoding, *answer.prefix());
  return made ? answer.keep(encoding, std::move(made)) : nullptr;
}

}  // namespace offloader::api
