#pragma once

#include <filesystem>
#include <string>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"

namespace offloader::local_executor {

// Over every byte of a file of ours, as hex: against damage, not against an adversary. It costs one
// sequential read, and little beside it. Errors: `cancelled`; `unavailable` when the file cannot be opened,
// `corrupt` when it can, but not be read.
[[nodiscard]] Result<std::string> file_checksum(const std::filesystem::path& path,
                                                const CancelFlag* cancel = nullptr);

}  // namespace offloader::local_executor
