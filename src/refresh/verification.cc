#include "verification.h"

#include <utility>

#include "offloader/base/low_priority.h"

namespace offloader::refresh {

Result<void> WarmVerification::start(std::vector<WarmFile> files) {
  files_ = std::move(files);
  return thread_.start({.name = "verify-files", .report = report_, .after = Thread::AfterEscape::end},
                       [this] { run(); });
}

void WarmVerification::stop() {
  cancelled_.cancel();
  thread_.join();
}

// A warm start checks only sizes, records and what attaching reads: reading every file first would keep a
// full cache from serving for minutes. Damaged data is not served meanwhile: an index is hashed when it is
// opened, and DuckDB verifies each block that it reads against the block's checksum. This pass finds damage
// in blocks that nobody has read yet, before a request runs into it.
void WarmVerification::run() const {
  lower_priority_of_this_thread();
  std::size_t sound = 0;
  for (const WarmFile& file : files_) {
    const auto snapshot = file.snapshot.lock();
    if (!snapshot) continue;  // replaced in the meantime
    const auto verified = context_.executor.verify(file.dataset, file.stored, cancelled_);
    if (verified) {
      ++sound;
      continue;
    }
    if (verified.error().code == ErrorCode::cancelled) return;
    if (verified.error().code == ErrorCode::corrupt) {
      report_corrupt_(file.dataset, snapshot->data->id());
    } else {
      context_.log.warning("Cannot verify a snapshot file in the cache folder.",
                           {{"dataset", file.dataset}, {"detail", verified.error().detail}});
    }
  }
  if (!files_.empty()) context_.log.info("The cache folder's files were verified.", {{"sound", sound}});
}

}  // namespace offloader::refresh
