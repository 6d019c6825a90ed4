#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/catalog/load.h"
#include "offloader/object_store/object_store.h"

namespace offloader::refresh {

// The place where the project is kept. Owned by the refresher. Functions block; call them from one thread at
// a time, except stop(), which any thread may call.
class ProjectSource {
 public:
  virtual ~ProjectSource() = default;

  // Returns a stamp that differs when the project may have changed. For a folder it covers the paths, sizes
  // and times of the YAML files and the contents of every loaded file; for a bucket, one listing.
  [[nodiscard]] virtual Result<std::string> stamp() = 0;

  // Reads and validates the project, fetching it from a bucket first. Returns an error when it cannot be
  // read, and a project without a catalog when it is invalid.
  [[nodiscard]] virtual Result<catalog::LoadedProject> load() = 0;

  // Returns the stamp of the project that was loaded last, taken before it was read; empty when unknown, so
  // that the next check reads the project again.
  [[nodiscard]] virtual std::string loaded_stamp() const = 0;

  // Returns the last valid copy of the project that was fetched, without a catalog if this version does not
  // accept it; `not_found` if there is none.
  [[nodiscard]] virtual Result<catalog::LoadedProject> load_kept() {
    return fail(ErrorCode::not_found, "the cache folder has no copy of the project");
  }

  // Cancels the running call and all later ones. Any thread.
  virtual void stop() {}

  // The base of a dataset's relative manifest path: a folder, or a bucket prefix ending in `/`.
  [[nodiscard]] virtual std::string base() const = 0;
  // Whether base() is in a bucket.
  [[nodiscard]] virtual bool remote() const = 0;
};

// A project on the local disk. `path` is an offloader.yml or its folder.
[[nodiscard]] std::unique_ptr<ProjectSource> make_local_project(const std::filesystem::path& path);

// A project in a bucket (snapshots.md, "Config reload"). `url` is `s3://bucket/prefix` or
// `gs://bucket/prefix`, or an offloader.yml there. Its YAML files and its keys file, at most 500 files of 32
// MiB together, are fetched into `folder` (of the cache folder), where the last valid copy is kept. The whole
// project is rejected if a key is not a path within the project, if it changes while it is fetched, or if it
// is too large.
[[nodiscard]] std::unique_ptr<ProjectSource> make_bucket_project(
    const std::string& url, std::shared_ptr<object_store::ObjectStore> store, std::filesystem::path folder);

// Whether OFFLOADER_CONFIG names a project in a bucket.
[[nodiscard]] bool is_bucket_url(const std::string& config);

struct StartedProject {
  catalog::LoadedProject project;
  std::string stale;  // why it is an older copy; empty: it is current
};

// Loads the project at start (snapshots.md, "Boot"). A failure that may pass is retried for `patience`, with
// `pause` in between; `on_failure` is called after each failure. Then the copy fetched last is used, if there
// is one; otherwise the last error is returned. Fails with `cancelled` soon after `cancel` is raised.
// Requires: the code that raises `cancel` also stops the source.
[[nodiscard]] Result<StartedProject> load_at_start(ProjectSource& source, std::chrono::milliseconds patience,
                                                   std::chrono::milliseconds pause,
                                                   const std::function<void(const Error&)>& on_failure,
                                                   const CancelFlag* cancel = nullptr);

}  // namespace offloader::refresh
