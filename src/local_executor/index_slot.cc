#include "index_slot.h"

#include <utility>

namespace offloader::local_executor {
namespace {

constexpr std::chrono::minutes kRetryAfter{15};

std::optional<std::uint64_t> layout_of(const std::optional<index::WantedLayout>& build) {
  return build ? std::optional(build->id) : std::nullopt;
}

}  // namespace

std::shared_ptr<const index::Reader> IndexSlot::reader() const {
  const MutexLock lock(slot_mutex_);
  return reader_;
}

executor::IndexStatus IndexSlot::status() const {
  const MutexLock lock(slot_mutex_);
  return status_;
}

void IndexSlot::place(std::shared_ptr<const index::Reader> reader) {
  const MutexLock lock(slot_mutex_);
  reader_ = std::move(reader);
  status_ = {executor::IndexStatus::State::ready, {}};
}

bool IndexSlot::lose(const index::Reader* lost, std::string reason) {
  std::shared_ptr<const index::Reader> unmapped_later;  // destroyed after the lock is released
  const MutexLock lock(slot_mutex_);
  if (reader_.get() != lost) return false;
  unmapped_later.swap(reader_);
  return queue(std::move(reason));
}

bool IndexSlot::want(index::WantedLayout layout, Time now) {
  const MutexLock lock(slot_mutex_);
  const bool failed = status_.state == executor::IndexStatus::State::failed;
  const bool again = tried_ == layout.id;
  wanted_ = std::move(layout);
  if (queued_) return false;
  if (!wanted_->has_columns()) {
    status_ = {};
    return false;
  }
  if (is_current()) {
    status_ = {executor::IndexStatus::State::ready, {}};
    return false;
  }
  if (failed && again && now < retry_at_) return false;
  return queue(reader_ ? "the endpoints use columns that it does not have" : "it is missing");
}

bool IndexSlot::rebuilt(std::shared_ptr<const index::Reader> reader) {
  const MutexLock lock(slot_mutex_);
  reader_.swap(reader);
  queued_ = false;
  if (!wanted_ || is_current() || layout_of(wanted_) == tried_) {
    status_ = {executor::IndexStatus::State::ready, {}};
    return false;
  }
  return queue("the endpoints use columns that it does not have");
}

bool IndexSlot::failed(std::string reason, Time now) {
  const MutexLock lock(slot_mutex_);
  queued_ = false;
  if (wanted_ && layout_of(wanted_) != tried_)
    return queue("the endpoints use columns that it does not have");
  status_ = {executor::IndexStatus::State::failed, std::move(reason)};
  retry_at_ = now + kRetryAfter;
  return false;
}

std::optional<index::WantedLayout> IndexSlot::begin() {
  const MutexLock lock(slot_mutex_);
  tried_ = layout_of(wanted_);
  return wanted_;
}

void IndexSlot::abandon() {
  const MutexLock lock(slot_mutex_);
  queued_ = false;
}

void IndexSlot::close() {
  std::shared_ptr<const index::Reader> unmapped_later;
  const MutexLock lock(slot_mutex_);
  unmapped_later.swap(reader_);
}

void IndexSlot::unneeded() {
  const MutexLock lock(slot_mutex_);
  queued_ = false;
  status_ = {};
}

bool IndexSlot::is_current() const {
  return reader_ && wanted_ && reader_->layout() == wanted_->id;
}

bool IndexSlot::queue(std::string reason) {
  status_ = {executor::IndexStatus::State::building, std::move(reason)};
  return !std::exchange(queued_, true);
}

}  // namespace offloader::local_executor
