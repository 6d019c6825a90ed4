#pragma once

#include "offloader/base/mutex.h"
#include "offloader/snapshot_cache/cache_folder.h"

namespace offloader::snapshot_cache {

// Whether builds that end with the process count. The mutex is held while a mark of a build is written.
struct CacheFolder::Excused {
  Mutex mutex;
  bool all OFFLOADER_GUARDED_BY(mutex) = false;
};

}  // namespace offloader::snapshot_cache
