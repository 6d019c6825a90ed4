#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "local_scene.h"
#include "offloader/object_store/testing/memory_store.h"

namespace offloader::local_executor {

using object_store::testing::MemoryStore;

// A fixture whose executor reads from a store in memory. It replaces the executor of LocalScene, which has no
// store.
class RemoteScene : public LocalScene {
 protected:
  RemoteScene() { reopen(); }
  ~RemoteScene() override { executor_.reset(); }

  void reopen() {
    executor_.reset();
    executor_ = std::move(*open_local_executor(options_, telemetry_, store_));
  }

  // Stores the file as an object, and returns the file as a manifest in that bucket would name it.
  manifest::ResolvedFile upload(const manifest::ResolvedFile& file, const std::string& key = {}) {
    std::ifstream in(file.location, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    const auto name = key.empty() ? file.declared.path : key;
    store_->put("s3://bucket/" + name, bytes.str());
    auto remote = file;
    remote.location = "s3://bucket/" + name;
    remote.remote = true;
    remote.declared.path = name;
    return remote;
  }
  [[nodiscard]] static object_store::UrlPolicy policy() { return {{"s3://bucket"}, {"s3://bucket"}}; }
  executor::Materialization remote_request(std::vector<manifest::ResolvedFile> files,
                                           std::optional<std::int64_t> rows = std::nullopt) {
    auto out = request(std::move(files), rows);
    out.source.policy = policy();
    return out;
  }
  tl::expected<std::shared_ptr<const executor::Snapshot>, executor::Refused> open(
      const std::vector<manifest::ResolvedFile>& files) {
    return scan(request(files, std::nullopt).source.manifest, files, policy());
  }

  std::shared_ptr<MemoryStore> store_ = std::make_shared<MemoryStore>();
};

}  // namespace offloader::local_executor
