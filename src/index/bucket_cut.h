#pragma once

#include <cstdint>
#include <optional>

#include "offloader/index/column.h"
#include "offloader/index/lookup.h"
#include "offloader/query/plan.h"

namespace offloader::index {

// Cuts the keys of a column to time buckets whose zone has a fixed offset. Keys are mostly near the one
// before, so it remembers the bucket of the last one. A view of the column, which must outlive it. One
// thread.
class BucketCut {
 public:
  // Returns nullopt if the bucket's zone has no fixed offset.
  static std::optional<BucketCut> make(const query::Projection& projection, const Column& column);

  // Returns the place of a key's bucket among those of the column: in order, from 0 on, and the last one for
  // null.
  [[nodiscard]] std::uint64_t place(std::uint64_t key) {
    if (key - keys_.low > span_) find(key);
    return place_;
  }
  // One more than the greatest place.
  [[nodiscard]] std::uint64_t space() const { return space_; }
  [[nodiscard]] bool is_null(std::uint64_t place) const { return column_->nullable && place == space_ - 1; }
  // Returns the keys of the bucket of a key.
  [[nodiscard]] Interval keys_like(std::uint64_t key) {
    static_cast<void>(place(key));
    return keys_;
  }

  // The number of a bucket (query::bucket_number(), or of local hours) is its place and this.
  [[nodiscard]] std::int64_t first_number() const { return first_number_; }
  // Returns the value that answers have for a number: days, or microseconds if instants().
  [[nodiscard]] std::int64_t value(std::int64_t number) const;
  [[nodiscard]] bool instants() const { return bucket_->instants; }
  [[nodiscard]] const Column& column() const { return *column_; }
  [[nodiscard]] const query::Bucket& bucket() const { return *bucket_; }
  // Of the zone, in microseconds.
  [[nodiscard]] std::int64_t offset() const { return offset_; }

 private:
  BucketCut(const query::Bucket& bucket, const Column& column, std::int64_t offset);
  void find(std::uint64_t key);
  [[nodiscard]] std::int64_t number_of(std::uint64_t key) const;
  [[nodiscard]] Int128 first_key_of(std::int64_t number) const;

  const query::Bucket* bucket_;
  const Column* column_;
  std::int64_t offset_;
  std::int64_t first_number_ = 0;
  std::uint64_t space_ = 0;
  Interval keys_{1, 0};     // of the bucket found last
  std::uint64_t span_ = 0;  // keys_.high - keys_.low
  std::uint64_t place_ = 0;
};

}  // namespace offloader::index
