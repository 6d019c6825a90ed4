#pragma once

#include <filesystem>

#include "offloader/duckdb/describe_file.h"

namespace offloader::duckdb {

// The CSV half of describe_file. `path` is what messages call the file, `real` where it lies.
[[nodiscard]] Result<FileDescription> describe_csv(const std::filesystem::path& path,
                                                   const std::filesystem::path& real,
                                                   const DescribeOptions& options);

}  // namespace offloader::duckdb
