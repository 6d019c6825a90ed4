#pragma once

#include <string>

#include "chain.h"
#include "offloader/base/descriptor.h"

namespace offloader::audit {

// Remembers the last synced line apart from the log, so that the next start notices when lines at the end of
// the file were removed meanwhile, and continues the chain when the file was rotated. It never says more than
// the log had on its disk, so a crash does not look like a loss. Failures are ignored: the
// next start then relies on the log file alone. Used by one thread.
class HeadFile {
 public:
  // An empty path remembers nothing.
  explicit HeadFile(const std::string& path);

  // Returns the remembered head; that of an empty log if there is none.
  [[nodiscard]] Head load() const;
  void save(const Head& head) const;

 private:
  Descriptor file_;
};

}  // namespace offloader::audit
