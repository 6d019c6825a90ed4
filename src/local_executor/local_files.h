#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/owned_folder.h"
#include "offloader/base/result.h"
#include "offloader/executor/executor.h"

namespace offloader::local_executor {

// The files of one snapshot: `base`.duckdb and, derived from it, `base`.index.
struct SnapshotFiles {
  std::filesystem::path base;

  [[nodiscard]] std::filesystem::path database() const { return base.string() + ".duckdb"; }
  [[nodiscard]] std::filesystem::path index() const { return base.string() + ".index"; }
};

// Manages the files of snapshots: `{root}/{dataset}/{handle}.duckdb` and `.index`. Files of an unfinished
// build have names that begin with `.partial-`. Other files in these folders are never touched, and no
// symbolic link below the root is followed. Owned by the executor. Calls for different datasets may come from
// different threads; calls for one dataset must not overlap.
class LocalFiles {
 public:
  explicit LocalFiles(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  // The paths of a published snapshot. They need not exist.
  [[nodiscard]] SnapshotFiles place(const std::string& dataset, const std::string& handle) const;
  // The paths of an unfinished build. They need not exist.
  [[nodiscard]] SnapshotFiles partial(const std::string& dataset, const std::string& name) const;

  // Creates the dataset's folder if it does not exist. Errors: `no_space`, `unavailable`.
  [[nodiscard]] Result<void> prepare(const std::string& dataset) const;
  // Renames partial files into place and syncs the folder. Requires: the files themselves are synced.
  // Errors: `no_space`, `unavailable`.
  [[nodiscard]] Result<void> publish(const std::string& dataset, const std::string& name) const;
  // Removes the files of an unfinished build.
  void remove_partial(const std::string& dataset, const std::string& name) const;

  // These implement Executor's functions of the same names.
  [[nodiscard]] std::vector<executor::Found> recover(const std::string& dataset,
                                                     std::span<const executor::Stored> known) const;
  void drop(const std::string& dataset, const std::string& handle) const;
  void set_aside(const std::string& dataset, const std::string& handle) const;

 private:
  [[nodiscard]] Result<OwnedFolder> folder_of(const std::string& dataset) const;

  std::filesystem::path root_;
};

}  // namespace offloader::local_executor
