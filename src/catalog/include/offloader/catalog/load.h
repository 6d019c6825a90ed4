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
  int manifest_line = 0;  // of `manifest` in it
  bool sound = false;     // the file has no error
  Dataset dataset;        // complete where `sound`
};

struct LoadedProject {
  std::shared_ptr<const Catalog> catalog;  // null when `findings` holds an error, or reading was cancelled
  Findings findings;                       // of the whole project, sorted and bounded; warnings included
  std::filesystem::path root;              // the folder of offloader.yml
  // What could be read of it; never null.
  std::shared_ptr<const ProjectTexts> texts = std::make_shared<const ProjectTexts>();
  std::map<std::string, DatasetFile, std::less<>> datasets{};  // by id, all that have one
  std::vector<std::string> allowed_origins{};                  // those that are valid, normalized
  bool cancelled = false;
};

// Reads and checks a whole project: `path` is an offloader.yml or its folder. Does not stop at the first
// mistake. Takes time and memory linear in the size of the files. Blocking; any thread. `cancel` ends it
// early, with neither a catalog nor complete findings. Implements project-files.md.
[[nodiscard]] LoadedProject load_project(const std::filesystem::path& path,
                                         const CancelFlag* cancel = nullptr);

// The same for files in memory, by their names relative to the project (`datasets/a.yml`): a project of a
// bucket. `entry` names its offloader.yml. `root` stays empty.
[[nodiscard]] LoadedProject load_project_files(std::map<std::string, std::string> files,
                                               const std::string& entry = "offloader.yml",
                                               const CancelFlag* cancel = nullptr);

}  // namespace offloader::catalog
