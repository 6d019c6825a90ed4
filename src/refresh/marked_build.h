#pragma once

#include <string>

#include "offloader/snapshot_cache/cache_folder.h"

namespace offloader::refresh {

// Marks a dataset's build while it decodes data (snapshots.md, "A build that died"). Requires: destroyed
// before the dataset's next attempt begins. If the mark cannot be written, the build goes on without it.
class MarkedBuild {
 public:
  MarkedBuild(const snapshot_cache::CacheFolder& folder, std::string dataset,
              const snapshot_cache::BuildMark& mark)
      : folder_(folder), dataset_(std::move(dataset)) {
    (void)folder_.begin_build(dataset_, mark);
  }
  ~MarkedBuild() { folder_.end_build(dataset_); }
  MarkedBuild(const MarkedBuild&) = delete;
  MarkedBuild& operator=(const MarkedBuild&) = delete;

 private:
  const snapshot_cache::CacheFolder& folder_;
  const std::string dataset_;
};

}  // namespace offloader::refresh
