#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace offloader::serving {

enum class Encoding : std::uint8_t { identity = 0, gzip = 1, zstd = 2 };

// The part of an answer that does not differ from request to request: `{"data":[…],"meta":`, and its
// compressed forms once somebody asked for them. Immutable but for those; shared between the cache and every
// request that sends it. Any thread.
class CachedAnswer {
 public:
  CachedAnswer(std::string prefix, std::int64_t row_count, bool has_more, std::string etag);
  ~CachedAnswer();
  CachedAnswer(const CachedAnswer&) = delete;
  CachedAnswer& operator=(const CachedAnswer&) = delete;

  // A compressed stream left open at a byte boundary, so that the meta of one response can be joined to it.
  struct Compressed {
    std::shared_ptr<const std::string> bytes;
    std::uint32_t crc32 = 0;  // of the uncompressed bytes (gzip's trailer)
  };

  [[nodiscard]] const std::shared_ptr<const std::string>& prefix() const { return prefix_; }
  [[nodiscard]] std::int64_t row_count() const { return row_count_; }
  [[nodiscard]] bool has_more() const { return has_more_; }
  [[nodiscard]] const std::string& etag() const { return etag_; }

  // The compressed form, or null when it was not made yet.
  [[nodiscard]] const Compressed* compressed(Encoding encoding) const {
    return slot(encoding).load(std::memory_order_acquire);
  }

  // Keeps `made` unless another thread was first; returns the one kept.
  const Compressed* keep(Encoding encoding, std::unique_ptr<Compressed> made) const;

  // Bytes held now, compressed forms included.
  [[nodiscard]] std::size_t bytes() const;

 private:
  [[nodiscard]] std::atomic<const Compressed*>& slot(Encoding encoding) const {
    return compressed_[encoding == Encoding::gzip ? 0 : 1];
  }

  std::shared_ptr<const std::string> prefix_;
  std::int64_t row_count_;
  bool has_more_;
  std::string etag_;
  mutable std::array<std::atomic<const Compressed*>, 2> compressed_{};
};

}  // namespace offloader::serving
