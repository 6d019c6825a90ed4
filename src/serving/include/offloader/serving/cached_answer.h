#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "offloader/base/byte_budget.h"
#include "offloader/query/seek.h"
#include "offloader/rows/format.h"
#include "offloader/serving/counted_text.h"

namespace offloader::serving {

// The totals of an answer, as `meta` has them.
struct AnswerTotals {
  std::optional<std::int64_t> rows{};  // of the whole answer, all pages
  std::string grand{};                 // a JSON object; empty: not asked for
};

enum class Encoding : std::uint8_t { identity = 0, gzip = 1, zstd = 2 };

// The part of an answer that is the same for every request: `{"data":[…],"meta":`, or all of an answer in
// another format; and its compressed forms once they have been made. Shared between the cache and every
// request that sends it. Immutable except for the compressed forms. Its bytes count in the memory for answers
// unless the cache counts them. Thread-safe.
class CachedAnswer {
 public:
  // `tag` is the question's part of the ETag (etag.h). `room` holds the bytes of `prefix` that have been
  // counted so far.
  CachedAnswer(std::string prefix, std::int64_t row_count, bool has_more, std::string tag, ByteHold room = {},
               rows::Format format = rows::Format::json, AnswerTotals totals = {},
               std::optional<query::PageEnd> end = std::nullopt);
  ~CachedAnswer();
  CachedAnswer(const CachedAnswer&) = delete;
  CachedAnswer& operator=(const CachedAnswer&) = delete;

  // A compressed stream that is left open at a byte boundary, so that the meta of one response can be
  // appended to it.
  struct Compressed {
    std::shared_ptr<const CountedText> counted;
    std::uint32_t crc32 = 0;  // of the uncompressed bytes, for the gzip trailer

    [[nodiscard]] const std::string& bytes() const { return counted->text(); }
    // Returns the same text, valid as long as the pointer is held.
    [[nodiscard]] std::shared_ptr<const std::string> shared() const { return {counted, &counted->text()}; }
  };

  [[nodiscard]] const std::string& prefix() const { return prefix_->text(); }
  // Returns the same text, valid as long as the pointer is held.
  [[nodiscard]] std::shared_ptr<const std::string> shared_prefix() const {
    return {prefix_, &prefix_->text()};
  }
  [[nodiscard]] std::int64_t row_count() const { return row_count_; }
  [[nodiscard]] bool has_more() const { return has_more_; }
  [[nodiscard]] rows::Format format() const { return format_; }
  [[nodiscard]] const std::string& tag() const { return tag_; }
  [[nodiscard]] const AnswerTotals& totals() const { return totals_; }
  // Where the page ends, for the next cursor; nullopt if there are no more rows or the endpoint has no
  // cursors.
  [[nodiscard]] const std::optional<query::PageEnd>& end() const { return end_; }

  // Returns the compressed form, or null if it has not been made yet.
  [[nodiscard]] const Compressed* compressed(Encoding encoding) const {
    return slot(encoding).load(std::memory_order_acquire);
  }

  // Keeps `made` unless another thread was first; returns the form that is kept. The form counts in the
  // memory for answers until ResponseCache::grown() counts it. Requires: `encoding` is not identity.
  const Compressed* keep(Encoding encoding, std::unique_ptr<Compressed> made) const;

  // Returns the bytes held now, including compressed forms.
  [[nodiscard]] std::size_t bytes() const;

  // Called by the response cache: from now on the cache counts this answer, or no longer does. `held`:
  // someone besides the cache has the answer and may still send it.
  void enter_cache(Transfer& transfer) const;
  void leave_cache(bool held, Transfer& transfer) const;
  // Must be called after a response has taken the text of the answer, so that the text is counted if the
  // answer has just been evicted.
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
  rows::Format format_;
  AnswerTotals totals_;
  std::optional<query::PageEnd> end_;
  mutable std::array<std::atomic<const Compressed*>, 2> compressed_{};
  mutable std::atomic<bool> cached_{false};
};

}  // namespace offloader::serving
