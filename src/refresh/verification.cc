#include <utility>

#include "offloader/base/low_priority.h"
#include "refresher_impl.h"

namespace offloader::refresh {

// A warm start looks at sizes, records and what attaching reads, because to read every file first would keep
// a full cache from serving for minutes. That serves no damage: an index is hashed when it is opened, and
// DuckDB holds each block that it reads against the block's own checksum. This finds, without a request that
// has to stumble over it, what lies in blocks that nobody has read yet.
void Refresher::Impl::verify_warm_files() {
  lower_priority_of_this_thread();
  std::size_t sound = 0;
  for (const WarmFile& file : warm_files_) {
    const auto snapshot = file.snapshot.lock();
    if (!snapshot) continue;  // replaced meanwhile
    const auto verified = executor_.verify(file.dataset, file.stored, verification_cancelled_);
    if (verified) {
      ++sound;
      continue;
    }
    if (verified.error().code == ErrorCode::cancelled) return;
    if (verified.error().code == ErrorCode::corrupt) {
      report_corrupt(file.dataset, snapshot->data->id());
    } else {
      log_.warning("a snapshot file of the cache folder cannot be verified",
                   {{"dataset", file.dataset}, {"detail", verified.error().detail}});
    }
  }
  if (!warm_files_.empty()) log_.info("the cache folder's files were verified", {{"sound", sound}});
}

}  // namespace offloader::refresh
