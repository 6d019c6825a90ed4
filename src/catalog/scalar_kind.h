#pragma once

#include <string_view>

#include "yaml_node.h"

namespace offloader::catalog::yaml {

// `tag` is yaml-cpp's: `?` for a plain scalar, `!` for a quoted one, else what the file says.
[[nodiscard]] Kind kind_of_scalar(std::string_view tag, std::string_view text);

}  // namespace offloader::catalog::yaml
