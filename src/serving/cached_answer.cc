#include "offloader/serving/cached_answer.h"

namespace offloader::serving {

CachedAnswer::CachedAnswer(std::string prefix, std::int64_t row_count, bool has_more, std::string etag)
    : prefix_(std::make_shared<const std::string>(std::move(prefix))),
      row_count_(row_count),
      has_more_(has_more),
      etag_(std::move(etag)) {}

CachedAnswer::~CachedAnswer() {
  for (auto& form : compressed_) delete form.load(std::memory_order_acquire);
}

const CachedAnswer::Compressed* CachedAnswer::keep(Encoding encoding,
                                                   std::unique_ptr<Compressed> made) const {
  const Compressed* expected = nullptr;
  if (slot(encoding).compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel))
    return made.release();
  return expected;
}

std::size_t CachedAnswer::bytes() const {
  std::size_t total = sizeof(*this) + prefix_->capacity() + etag_.capacity();
  for (const auto& form : compressed_) {
    if (const Compressed* made = form.load(std::memory_order_acquire))
      total += sizeof(*made) + made->bytes->capacity();
  }
  return total;
}

}  // namespace offloader::serving
