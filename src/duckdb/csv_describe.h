#pragma once

#include <filesystem>

#include "offloader/duckdb/describe_file.h"

namespace offloader::duckdb {

// The CSV part of describe_file(). Messages name the file `path`; it is read from `real`.
[[nodiscard]] Result<FileDescription> describe_csv(const std::filesystem::path& path,
                                                   const std::filesystem::path& real,
                                                   const DescribeOptions& options);

}  // namespace offloader::duckdb
