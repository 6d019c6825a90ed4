#include "offloader/serving/cached_answer.h"

#include <utility>

namespace offloader::serving {

CachedAnswer::CachedAnswer(std::string prefix, std::int64_t row_count, bool has_more, std::string tag,
                           ByteHold room, rows::Format format, AnswerTotals totals,
                           std::optional<query::PageEnd> end)
    : prefix_(std::make_shared<const CountedText>(std::move(prefix), std::move(room))),
      row_count_(row_count),
      has_more_(has_more),
      tag_(std::move(tag)),
      format_(format),
      totals_(std::move(totals)),
      end_(std::move(end)) {}

CachedAnswer::~CachedAnswer() {
  for (auto& form : compressed_) delete form.load(std::memory_order_acquire);
}

const CachedAnswer::Compressed* CachedAnswer::keep(Encoding encoding,
                                                   std::unique_ptr<Compressed> made) const {
  const Compressed* expected = nullptr;
  if (!slot(encoding).compare_exchange_strong(expected, made.get())) return expected;
  return made.release();
}

std::size_t CachedAnswer::bytes() const {
  std::size_t total =
      sizeof(*this) + sizeof(CountedText) + prefix().capacity() + tag_.capacity() + totals_.grand.capacity();
  if (end_) {
    total += end_->keys.capacity() * sizeof(query::Value) + end_->alike.capacity() * sizeof(std::int64_t);
    for (const query::Value& key : end_->keys) {
      if (const auto* const text = std::get_if<std::string>(&key)) total += text->capacity();
    }
  }
  for (const auto& form : compressed_) {
    if (const Compressed* made = form.load(std::memory_order_acquire))
      total += sizeof(*made) + sizeof(CountedText) + made->bytes().capacity();
  }
  return total;
}

void CachedAnswer::enter_cache(Transfer& transfer) const {
  cached_.store(true);
  prefix_->uncount(transfer);
  for (const auto& form : compressed_) {
    if (const Compressed* made = form.load(std::memory_order_acquire)) made->counted->uncount(transfer);
  }
}

void CachedAnswer::leave_cache(bool held, Transfer& transfer) const {
  cached_.store(false);
  count(held, transfer);
}

void CachedAnswer::count_unless_cached() const {
  if (cached_.load()) return;
  Transfer transfer;
  count(false, transfer);
}

// Counts only texts that someone holds. The others are freed with the entry, or soon, when the readers sweep
// their tables. Counting them would refuse requests right after a whole cache was dropped.
void CachedAnswer::count(bool held, Transfer& transfer) const {
  if (held || prefix_.use_count() > 1) prefix_->count(transfer);
  for (const auto& form : compressed_) {
    const Compressed* const made = form.load(std::memory_order_acquire);
    if (made && (held || made->counted.use_count() > 1)) made->counted->count(transfer);
  }
}

}  // namespace offloader::serving
