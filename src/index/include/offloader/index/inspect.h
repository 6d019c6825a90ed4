#pragma once

#include <filesystem>
#include <string>

#include "offloader/base/result.h"

namespace offloader::index {

enum class InspectFormat { text, json };

// Describes an index file after checking all of it: version, rows, order, columns with type, width, distinct
// strings and bytes. Errors: those of Reader::open.
[[nodiscard]] Result<std::string> inspect_index(const std::filesystem::path& path, InspectFormat format);

}  // namespace offloader::index
