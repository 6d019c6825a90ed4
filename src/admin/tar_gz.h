#pragma once

#include <map>
#include <string>

#include "offloader/base/result.h"

namespace offloader::admin {

// Files by path as a tar.gz: in their order, of mode 0644, of user 0, of no time, so that equal files are
// equal archives.
[[nodiscard]] Result<std::string> tar_gz(const std::map<std::string, std::string>& files);

}  // namespace offloader::admin
