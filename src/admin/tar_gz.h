#pragma once

#include <map>
#include <string>

#include "offloader/base/result.h"

namespace offloader::admin {

// Returns the files, by path, as a tar.gz. Every entry has mode 0644, user 0 and time 0, so that equal files
// give equal archives. Fails with `internal` if the archive cannot be written.
[[nodiscard]] Result<std::string> tar_gz(const std::map<std::string, std::string>& files);

}  // namespace offloader::admin
