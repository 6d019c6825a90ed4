#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "offloader/catalog/catalog.h"
#include "offloader/catalog/finding.h"

namespace offloader::catalog {

struct LoadedProject {
  std::shared_ptr<const Catalog> catalog;  // null when `findings` holds an error
  Findings findings;                       // every finding of the whole project, sorted; warnings included
  std::filesystem::path root;              // the folder of offloader.yml
  // What could be read of it; never null.
  std::shared_ptr<const ProjectTexts> texts = std::make_shared<const ProjectTexts>();
};

// Reads and checks a whole project: `path` is an offloader.yml or its folder. Never stops at the first
// mistake. Blocking; any thread. Implements project-files.md.
[[nodiscard]] LoadedProject load_project(const std::filesystem::path& path);

// The same for files in memory, by their names relative to the project (`datasets/a.yml`): a project of a
// bucket. `entry` names its offloader.yml. `root` stays empty.
[[nodiscard]] LoadedProject load_project_files(std::map<std::string, std::string> files,
                                               const std::string& entry = "offloader.yml");

}  // namespace offloader::catalog
