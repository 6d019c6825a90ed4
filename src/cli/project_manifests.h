#pragma once

#include "offloader/catalog/load.h"

namespace offloader::cli {

// Finds what would fail at startup: local manifests of the project's datasets that are missing, cannot be
// parsed, do not fit their dataset, or name files that are missing or not allowed. All findings are warnings,
// because a pipeline may write the manifest later. Reads manifests and file sizes, but no data.
[[nodiscard]] catalog::Findings check_local_manifests(const catalog::LoadedProject& project);

}  // namespace offloader::cli
