#pragma once

#include <mutex>

#include "offloader/refresh/cache_folder.h"

namespace offloader::refresh {

// Whether builds that end with the process count. The mutex is held while a mark of a build is written.
struct CacheFolder::Excused {
  std::mutex mutex;
  bool all = false;
};

}  // namespace offloader::refresh
