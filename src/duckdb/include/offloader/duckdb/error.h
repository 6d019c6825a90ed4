#pragma once

#include "offloader/base/result.h"

// What an error of this module tells beyond its code.
namespace offloader::duckdb {

// Whether the source, the disk, memory or a cancellation is to blame, and not the data.
[[nodiscard]] bool is_machinery(const Error& error);

[[nodiscard]] bool is_out_of_memory(const Error& error);

// Whether spilled data has reached the size that it may have.
[[nodiscard]] bool is_out_of_spill(const Error& error);

// Whether the file system refused to write, or to read: rights, a read-only mount, a limit, a broken disk. A
// full one is `no_space`.
[[nodiscard]] bool is_refused_by_disk(const Error& error);

// Whether DuckDB has declared the whole instance invalid: every query fails from now on.
[[nodiscard]] bool is_fatal(const Error& error);

}  // namespace offloader::duckdb
