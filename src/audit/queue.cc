#include "queue.h"

#include <utility>

namespace offloader::audit {
namespace {

constexpr std::size_t kPlenty = 256U << 10;  // bytes that are worth writing at once

}  // namespace

void Queue::push(std::string_view members, Share share, Haste haste) {
  const std::size_t bytes = members.size() + 1;
  bool fits = true;
  if (share == Share::reserved) {
    budget_->take(bytes);
  } else {
    // The budget keeps its last eighth for small holders.
    fits = budget_->try_take(bytes, share == Share::whole ? 0 : ByteBudget::kSmall + 1);
  }
  bool notify = false;
  {
    const MutexLock lock(records_mutex_);
    notify = records_.empty();
    if (fits) {
      records_.append(members).push_back('\n');
    } else {
      ++lost_;
    }
    if ((haste == Haste::now || records_.size() >= kPlenty) && !woken_) notify = woken_ = true;
  }
  if (notify) records_changed_.notify_one();
}

Queue::Batch Queue::take(std::chrono::milliseconds idle, std::chrono::milliseconds gather) {
  std::string records;
  MutexLock lock(records_mutex_);
  records_changed_.wait_for(records_mutex_, idle, [&]() OFFLOADER_REQUIRES(records_mutex_) {
    return woken_ || lost_ > 0 || !records_.empty();
  });
  if (!records_.empty()) {
    records_changed_.wait_for(records_mutex_, gather,
                              [&]() OFFLOADER_REQUIRES(records_mutex_) { return woken_; });
  }
  woken_ = false;
  records_.swap(records);
  return {std::move(records), std::exchange(lost_, 0)};
}

void Queue::rest(std::chrono::milliseconds most) {
  const MutexLock lock(records_mutex_);
  records_changed_.wait_for(records_mutex_, most,
                            [&]() OFFLOADER_REQUIRES(records_mutex_) { return woken_; });
  woken_ = false;
}

void Queue::wake() {
  {
    const MutexLock lock(records_mutex_);
    woken_ = true;
  }
  records_changed_.notify_one();
}

}  // namespace offloader::audit
