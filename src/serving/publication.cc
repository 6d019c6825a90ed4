#include "offloader/serving/publication.h"

#include <utility>

namespace offloader::serving {

Publication::Publication(std::size_t readers, std::shared_ptr<const Generation> initial)
    : readers_(readers), number_(initial->number), current_(std::move(initial)) {
  for (Reader& reader : readers_) {
    reader.number = current_->number;
    reader.generation = current_;
  }
}

const std::shared_ptr<const Generation>& Publication::view(std::size_t reader) {
  Reader& own = readers_[reader];
  if (own.number != number_.load(std::memory_order_acquire)) {
    own.generation = latest();
    own.number = own.generation->number;
  }
  return own.generation;
}

std::shared_ptr<const Generation> Publication::latest() const {
  const MutexLock lock(current_mutex_);
  return current_;
}

void Publication::publish(std::shared_ptr<const Generation> next) {
  const std::uint64_t number = next->number;
  // The old generation is released outside the lock, because its destructor may detach and unlink snapshots.
  {
    const MutexLock lock(current_mutex_);
    current_.swap(next);
  }
  number_.store(number, std::memory_order_release);
  next.reset();
  if (nudge_) nudge_();
}

void Publication::set_nudge(std::function<void()> nudge) {
  nudge_ = std::move(nudge);
}

}  // namespace offloader::serving
