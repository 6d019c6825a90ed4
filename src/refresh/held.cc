#include "held.h"

#include <utility>

#include "offloader/base/timestamp.h"

namespace offloader::refresh {

std::shared_ptr<const serving::ServedSnapshot> served_snapshot(
    const snapshot_cache::SnapshotRecord& record, std::int64_t rows, std::uint64_t bytes,
    const std::string& fingerprint, SystemTime activated_at, std::shared_ptr<const executor::Snapshot> data) {
  auto served = std::make_shared<serving::ServedSnapshot>();
  served->snapshot_id = record.snapshot_id;
  served->watermark = record.watermark;
  served->watermark_time = parse_iso8601(record.watermark).value_or(SystemTime{});
  served->data_quality = record.data_quality;
  served->rows = rows;
  served->bytes = bytes;
  served->activated_at = activated_at;
  served->fingerprint = fingerprint;
  served->data = std::move(data);
  return served;
}

}  // namespace offloader::refresh
