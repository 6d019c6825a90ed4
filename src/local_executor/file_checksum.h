#pragma once

#include <filesystem>
#include <string>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"

namespace offloader::local_executor {

// Returns the XXH3 hash of a file's content as 16 hexadecimal digits. It detects damage; it does not protect
// against an adversary. Blocking: one sequential read of the file. `cancel` may be null and is checked once
// per MiB. Errors: `cancelled`; `unavailable` if the file cannot be opened; `corrupt` if it cannot be read.
[[nodiscard]] Result<std::string> file_checksum(const std::filesystem::path& path,
                                                const CancelFlag* cancel = nullptr);

}  // namespace offloader::local_executor
