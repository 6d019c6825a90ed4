#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/catalog/catalog.h"
#include "offloader/catalog/finding_list.h"

namespace offloader::catalog {

// A dataset as its file defines it, whether or not the rest of the project is valid.
struct DatasetFile {
  std::string file;       // relative to the project
  int manifest_line = 0;  // the line of `manifest` in it
  bool sound = false;     // the file has no errors
  Dataset dataset;        // complete only if `sound`
};

struct LoadedProject {
  std::shared_ptr<const Catalog> catalog;  // null if `findings` contains an error or loading was cancelled
  Findings findings;                       // of the whole project, sorted and bounded; includes warnings
  std::filesystem::path root;              // the folder of offloader.yml
  // The files that could be read; never null.
  std::shared_ptr<const ProjectTexts> texts = std::make_shared<const ProjectTexts>();
  std::map<std::string, DatasetFile, std::less<>>
      datasets{};                              // by id; datasets without a valid id are left out
  std::vector<std::string> allowed_origins{};  // the valid ones, normalized
  bool cancelled = false;
};

// Reads and validates a whole project (project-files.md). `path` is an offloader.yml or its folder. Reports
// all findings instead of stopping at the first. Time and memory are linear in the size of the files. Blocks
// on file I/O; any thread may call it. Raising `cancel` ends it early, without a catalog and with incomplete
// findings.
[[nodiscard]] LoadedProject load_project(const std::filesystem::path& path,
                                         const CancelFlag* cancel = nullptr);

// As load_project(), for files in memory, such as a project in a bucket. `files` is keyed by name relative to
// the project (`datasets/a.yml`); `entry` names its offloader.yml. `root` stays empty.
[[nodiscard]] LoadedProject load_project_files(std::map<std::string, std::string> files,
                                               const std::string& entry = "offloader.yml",
                                               const CancelFlag* cancel = nullptr);

}  // namespace offloader::catalog
