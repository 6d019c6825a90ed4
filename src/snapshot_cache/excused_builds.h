#pragma once

#include "offloader/base/mutex.h"
#include "offloader/snapshot_cache/cache_folder.h"

namespace offloader::snapshot_cache {

// Set by excuse_builds(): builds that end with the process no longer count as deaths. The mutex is held while
// a building mark is written, so that no mark appears after excuse_builds() has removed them.
struct CacheFolder::Excused {
  Mutex mutex;
  bool all OFFLOADER_GUARDED_BY(mutex) = false;
};

}  // namespace offloader::snapshot_cache
