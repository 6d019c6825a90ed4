#pragma once

#include <filesystem>
#include <string>

#include "offloader/base/result.h"

namespace offloader::index {

enum class InspectFormat { text, json };

// Returns a description of an index file: version, rows, order, and each column's type, width, distinct
// strings and bytes. Checks every hash first, so it reads the whole file. Errors: those of Reader::open.
[[nodiscard]] Result<std::string> inspect_index(const std::filesystem::path& path, InspectFormat format);

}  // namespace offloader::index
