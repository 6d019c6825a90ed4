#pragma once

#include "offloader/catalog/load.h"

namespace offloader::cli {

// What a start would trip over: the local manifests of the project's datasets that are missing, cannot be
// parsed, do not fit their dataset, or name files that are missing or may not be read. All are warnings,
// because a pipeline may write the manifest later. Reads manifests and asks for the sizes of files; reads no
// data.
[[nodiscard]] catalog::Findings check_local_manifests(const catalog::LoadedProject& project);

}  // namespace offloader::cli
