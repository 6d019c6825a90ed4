#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "offloader/cli/cli.h"

namespace offloader::cli {

// Finds the offloader.yml in the file's folder or one of its parents. Returns nullopt if there is none.
[[nodiscard]] std::optional<std::filesystem::path> project_around(const std::filesystem::path& file);

struct ManifestCheckFlags {
  std::string file;
  std::string config;  // empty: the project around the manifest, if any
  bool deep = false;
  bool json = false;
};

// Implements `manifest validate`: reports every finding of manifest.md that needs no load and, with `deep`,
// those of a load.
[[nodiscard]] int check_manifest(const ManifestCheckFlags& flags, World& world);

}  // namespace offloader::cli
