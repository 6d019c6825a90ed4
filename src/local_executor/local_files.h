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

// The files of one built snapshot: `base`.duckdb and, derived, `base`.index.
struct SnapshotFiles {
  std::filesystem::path base;

  [[nodiscard]] std::filesystem::path database() const { return base.string() + ".duckdb"; }
  [[nodiscard]] std::filesystem::path index() const { return base.string() + ".index"; }
};

// Where the files of snapshots are: `{root}/{dataset}/{handle}.duckdb` and `.index`, partial ones under names
// that begin with `.partial-`. Other files of the same folders are others' and never touched; no link is
// followed. Calls for different datasets may come from different threads, for one dataset from one at a time.
class LocalFiles {
 public:
  explicit LocalFiles(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] SnapshotFiles place(const std::string& dataset, const std::string& handle) const;
  [[nodiscard]] SnapshotFiles partial(const std::string& dataset, const std::string& name) const;

  // Makes the dataset's folder. `no_space`, `unavailable`.
  [[nodiscard]] Result<void> prepare(const std::string& dataset) const;
  // Makes the partial files durable and renames them into place.
  [[nodiscard]] Result<void> publish(const std::string& dataset, const std::string& name) const;
  void remove_partial(const std::string& dataset, const std::string& name) const;

  // Executor's functions of the same names.
  [[nodiscard]] std::vector<executor::Found> recover(const std::string& dataset,
                                                     std::span<const executor::Stored> known) const;
  void drop(const std::string& dataset, const std::string& handle) const;
  void set_aside(const std::string& dataset, const std::string& handle) const;

 private:
  [[nodiscard]] Result<OwnedFolder> folder_of(const std::string& dataset) const;

  std::filesystem::path root_;
};

}  // namespace offloader::local_executor
