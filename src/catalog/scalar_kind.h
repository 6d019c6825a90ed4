#pragma once

#include <string_view>

#include "yaml_node.h"

namespace offloader::catalog::yaml {

// Returns the kind of a scalar. `tag` is yaml-cpp's: `?` for a plain scalar, `!` for a quoted one, else the
// tag in the file.
[[nodiscard]] Kind kind_of_scalar(std::string_view tag, std::string_view text);

}  // namespace offloader::catalog::yaml
