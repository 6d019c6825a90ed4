#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "offloader/base/byte_budget.h"
#include "offloader/serving/counted_text.h"

namespace offloader::serving {

enum class Encoding : std::uint8_t { identity = 0, gzip = 1, zstd = 2 };

// The part of an answer that does not differ from request to request: `{"data":[…],"meta":`, and its
// compressed forms once somebody asked for them. Immutable but for those; shared between the cache and every
// request that sends it. Its bytes count in the memory for answers unless the cache counts them. Any thread.
class CachedAnswer {
 public:
  // `tag` is the part of the ETag that is the question's (etag.h). `room` holds the bytes of `prefix`, or as
  // many of them as were counted so far.
  CachedAnswer(std::string prefix, std::int64_t row_count, bool has_more, std::string tag,
               ByteHold room = {});
  ~CachedAnswer();
  CachedAnswer(const CachedAnswer&) = delete;
  CachedAnswer& operator=(const CachedAnswer&) = delete;

  // A compressed stream left open at a byte boundary, so that the meta of one response can be joined to it.
  struct Compressed {
    std::shared_ptr<const CountedText> counted;
    std::uint32_t crc32 = 0;  // of the uncompressed bytes (gzip's trailer)

    [[nodiscard]] const std::string& bytes() const { return counted->text(); }
    // The same, for as long as the pointer is held.
    [[nodiscard]] std::shared_ptr<const std::string> shared() const { return {counted, &counted->text()}; }
  };

  [[nodiscard]] const std::string& prefix() const { return prefix_->text(); }
  // The same, for as long as the pointer is held.
  [[nodiscard]] std::shared_ptr<const std::string> shared_prefix() const {
    return {prefix_, &prefix_->text()};
  }
  [[nodiscard]] std::int64_t row_count() const { return row_count_; }
  [[nodiscard]] bool has_more() const { return has_more_; }
  [[nodiscard]] const std::string& tag() const { return tag_; }

  // The compressed form, or null when it was not made yet.
  [[nodiscard]] const Compressed* compressed(Encoding encoding) const {
    return slot(encoding).load(std::memory_order_acquire);
  }

  // Keeps `made` unless another thread was first; returns the one kept.
  const Compressed* keep(Encoding encoding, std::unique_ptr<Compressed> made) const;

  // Bytes held now, compressed forms included.
  [[nodiscard]] std::size_t bytes() const;

  // Called by the response cache when it begins and when it ceases to count this answer. `held`: a request
  // also holds the answer and may still send it.
  void enter_cache(Transfer& transfer) const;
  void leave_cache(bool held, Transfer& transfer) const;
  // Counts the text if the answer has been evicted meanwhile. Call it once a response holds the text.
  void count_unless_cached() const;

 private:
  [[nodiscard]] std::atomic<const Compressed*>& slot(Encoding encoding) const {
    return compressed_[encoding == Encoding::gzip ? 0 : 1];
  }
  void count(bool held, Transfer& transfer) const;

  const std::shared_ptr<const CountedText> prefix_;
  std::int64_t row_count_;
  bool has_more_;
  std::string tag_;
  mutable std::array<std::atomic<const Compressed*>, 2> compressed_{};
  mutable std::atomic<bool> cached_{false};
};

}  // namespace offloader::serving
