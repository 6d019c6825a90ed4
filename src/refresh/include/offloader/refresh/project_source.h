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

// Where the project is kept. Blocking; called from one thread at a time, stop() from any.
class ProjectSource {
 public:
  virtual ~ProjectSource() = default;

  // A stamp that differs when the project may have changed: of a local tree the paths, sizes and times of its
  // YAML and the contents of every file that was loaded, of a bucket one listing.
  [[nodiscard]] virtual Result<std::string> stamp() = 0;

  // Fetches (a bucket) and validates. An error when it cannot be fetched; a project without catalog when it
  // does not validate.
  [[nodiscard]] virtual Result<catalog::LoadedProject> load() = 0;

  // The stamp of what was loaded last, of before it was read; empty when that is not known: then the next
  // check reads again.
  [[nodiscard]] virtual std::string loaded_stamp() const = 0;

  // The copy of the project that was fetched last and was valid; `not_found` without one.
  [[nodiscard]] virtual Result<catalog::LoadedProject> load_kept() {
    return fail(ErrorCode::not_found, "no copy of the project is kept");
  }

  // Ends the call that waits for a store, and every later one.
  virtual void stop() {}

  // What a dataset's relative manifest path is relative to: a folder, or a bucket prefix ending in `/`.
  [[nodiscard]] virtual std::string base() const = 0;
  [[nodiscard]] virtual bool remote() const = 0;
};

// An offloader.yml, or its folder.
[[nodiscard]] std::unique_ptr<ProjectSource> make_local_project(const std::filesystem::path& path);

// An `s3://bucket/prefix` or `gs://bucket/prefix`, or an offloader.yml there (snapshots.md, "Config reload").
// Its YAML files and its keys file, at most 500 of 32 MiB together, are fetched into `folder` (of the cache
// folder), where the last ones that were valid stay. A key that is no path within the project, a project that
// changes while it is fetched, and one that is too large are refused whole.
[[nodiscard]] std::unique_ptr<ProjectSource> make_bucket_project(
    const std::string& url, std::shared_ptr<object_store::ObjectStore> store, std::filesystem::path folder);

// Whether OFFLOADER_CONFIG names a project in a bucket.
[[nodiscard]] bool is_bucket_url(const std::string& config);

struct StartedProject {
  catalog::LoadedProject project;
  std::string stale;  // why it is the copy fetched last; empty: it is what the source has
};

// The project to start with (snapshots.md, "Boot"): a source that cannot be reached is asked again for
// `patience`, with `pause` in between; `on_failure` hears of each time. Then the copy fetched last is used,
// where there is one. `cancelled` soon after `cancel` is raised, provided that it stops the source, too.
[[nodiscard]] Result<StartedProject> load_at_start(ProjectSource& source, std::chrono::milliseconds patience,
                                                   std::chrono::milliseconds pause,
                                                   const std::function<void(const Error&)>& on_failure,
                                                   const CancelFlag* cancel = nullptr);

}  // namespace offloader::refresh
