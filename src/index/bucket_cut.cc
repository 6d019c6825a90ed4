#include "bucket_cut.h"

#include <algorithm>
#include <limits>

#include "offloader/catalog/time_zone.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;
using catalog::Grain;

// A damaged file may contain any key. Within these bounds no sum overflows.
constexpr std::int64_t kMostDays = std::int64_t{1} << 32;
constexpr std::int64_t kMostMicros = std::numeric_limits<std::int64_t>::max() - query::kMicrosPerDay;

}  // namespace

std::optional<BucketCut> BucketCut::make(const query::Projection& projection, const Column& column) {
  const auto offset = catalog::fixed_offset(projection.bucket->zone);
  if (!offset) return std::nullopt;
  return BucketCut(*projection.bucket, column, *offset * std::int64_t{1'000'000});
}

BucketCut::BucketCut(const query::Bucket& bucket, const Column& column, std::int64_t offset)
    : bucket_(&bucket), column_(&column), offset_(offset), first_number_(number_of(0)) {
  const std::int64_t last = number_of(column.max_key);
  const bool has_values = last >= first_number_;
  space_ =
      (has_values ? static_cast<std::uint64_t>(last - first_number_) + 1 : 1) + (column.nullable ? 1 : 0);
  find(0);
}

std::int64_t BucketCut::number_of(std::uint64_t key) const {
  const std::int64_t value = column_->int_value(key);
  if (column_->type == ColumnType::date)
    return query::bucket_number(bucket_->grain, bucket_->week_start,
                                std::clamp(value, -kMostDays, kMostDays));
  const std::int64_t local = std::clamp(value, -kMostMicros, kMostMicros) + offset_;
  if (bucket_->grain == Grain::hour) return query::floor_div(local, query::kMicrosPerHour);
  return query::bucket_number(bucket_->grain, bucket_->week_start,
                              query::floor_div(local, query::kMicrosPerDay));
}

Int128 BucketCut::first_key_of(std::int64_t number) const {
  Int128 value = 0;
  if (bucket_->grain == Grain::hour) {
    value = static_cast<Int128>(number) * query::kMicrosPerHour - offset_;
  } else {
    value = query::first_day_of(bucket_->grain, bucket_->week_start, number);
    if (column_->type != ColumnType::date) value = value * query::kMicrosPerDay - offset_;
  }
  return value - column_->base;
}

void BucketCut::find(std::uint64_t key) {
  if (column_->is_null(key)) {
    keys_ = {key, key};
    place_ = space_ - 1;
  } else {
    // A damaged file may contain a key beyond the greatest one.
    const std::int64_t number = number_of(std::min(key, column_->max_key));
    const Int128 low = first_key_of(number);
    const Int128 end = first_key_of(number + 1);
    keys_.low = static_cast<std::uint64_t>(std::max<Int128>(low, 0));
    keys_.high =
        static_cast<std::uint64_t>(std::clamp<Int128>(end - 1, 0, static_cast<Int128>(column_->max_key)));
    if (key > column_->max_key) keys_ = {key, key};
    const std::uint64_t values = space_ - (column_->nullable ? 1 : 0);
    place_ = std::min(static_cast<std::uint64_t>(number - first_number_), values - 1);
  }
  span_ = keys_.high - keys_.low;
}

std::int64_t BucketCut::value(std::int64_t number) const {
  if (bucket_->grain == Grain::hour) return number * query::kMicrosPerHour - offset_;
  const std::int64_t day = query::first_day_of(bucket_->grain, bucket_->week_start, number);
  return bucket_->instants ? day * query::kMicrosPerDay - offset_ : day;
}

}  // namespace offloader::index
