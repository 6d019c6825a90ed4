#include "read_ahead.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace offloader::duckdb {
namespace {

constexpr std::uint64_t kFirstBlock = 1 << 20;
constexpr std::uint64_t kLongestBlock = 8 << 20;

// Members are destroyed in reverse order: the interrupt is unregistered before SourceWaits::end() is called,
// which may block.
struct Wait {
  explicit Wait(executor::SourceWaits* waits) : told(waits) {}
  executor::SourceWaits::During told;
  std::optional<InterruptWatch::During> interrupt;
};

}  // namespace

ReadAhead::ReadAhead(const PinnedFiles& files, const PinnedFile& file, Watch watch)
    : files_(files), file_(file), watch_(std::move(watch)), block_length_(kFirstBlock) {}

ReadAhead::~ReadAhead() {
  if (coming_) coming_->stop.cancel();
}

std::uint64_t ReadAhead::take(char* buffer, std::uint64_t length) {
  if (position_ < block_.offset || position_ - block_.offset >= block_.bytes.size()) return 0;
  const std::uint64_t from = position_ - block_.offset;
  const std::uint64_t count = std::min<std::uint64_t>(length, block_.bytes.size() - from);
  std::memcpy(buffer, block_.bytes.data() + from, count);
  position_ += count;
  return count;
}

void ReadAhead::begin(std::uint64_t offset) {
  if (offset >= file_.object.size) return;
  auto coming = std::make_unique<Coming>();
  coming->block.offset = offset;
  coming->block.bytes.resize(std::min(block_length_, file_.object.size - offset));
  const auto fetch = [this, to = coming.get()] {
    to->done =
        files_.read(file_, to->block.offset, to->block.bytes.data(), to->block.bytes.size(), &to->stop);
  };
  if (!coming->thread.start({.name = "read-ahead"}, fetch)) return;
  block_length_ = std::min(block_length_ * 2, kLongestBlock);
  coming_ = std::move(coming);
}

Result<void> ReadAhead::wait_for_coming() {
  {
    const auto watched = watch_(coming_->stop);
    coming_->thread.join();
  }
  const auto coming = std::move(coming_);
  if (!coming->done) return coming->done;
  block_ = std::move(coming->block);
  return {};
}

Result<std::uint64_t> ReadAhead::read(char* buffer, std::uint64_t length) {
  const std::uint64_t size = file_.object.size;
  if (position_ >= size) return 0;
  length = std::min(length, size - position_);
  sequential_ = position_ > 0 && position_ == sequential_to_;
  std::uint64_t done = 0;
  while (done < length) {
    if (const auto taken = take(buffer + done, length - done); taken > 0) {
      done += taken;
      continue;
    }
    if (coming_ && coming_->block.offset != position_) {
      coming_->stop.cancel();
      coming_.reset();
    }
    // If more than a block is wanted at once, or no thread can fetch one, read directly into the caller's
    // buffer.
    if (!coming_ && length - done < block_length_) begin(position_);
    if (!coming_) {
      CancelFlag stop;
      const auto watched = watch_(stop);
      if (auto read = files_.read(file_, position_, buffer + done, length - done, &stop); !read)
        return fail(std::move(read.error()));
      position_ += length - done;
      done = length;
      break;
    }
    if (auto came = wait_for_coming(); !came) return fail(std::move(came.error()));
  }
  sequential_to_ = position_;
  const bool at_block_end = position_ >= block_.offset + block_.bytes.size() || position_ < block_.offset;
  const std::uint64_t next = at_block_end ? position_ : block_.offset + block_.bytes.size();
  if (sequential_ && !coming_) begin(next);
  return done;
}

ReadAhead::Watch watch_of(std::shared_ptr<InterruptWatch> watch, std::shared_ptr<executor::SourceWaits> waits,
                          std::function<bool()> interrupted) {
  return [watch = std::move(watch), waits = std::move(waits),
          interrupted = std::move(interrupted)](CancelFlag& cancel) -> std::shared_ptr<void> {
    auto wait = std::make_shared<Wait>(waits.get());
    if (watch && interrupted) wait->interrupt.emplace(*watch, interrupted, cancel);
    return wait;
  };
}

}  // namespace offloader::duckdb
