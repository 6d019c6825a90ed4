#pragma once

#include "offloader/base/result.h"

// Classifies the errors of this module beyond their code. Thread-safe.
namespace offloader::duckdb {

// Whether the cause is the source, the disk, memory or a cancellation rather than the data.
[[nodiscard]] bool is_machinery(const Error& error);

// Whether DuckDB ran out of memory, including spill space.
[[nodiscard]] bool is_out_of_memory(const Error& error);

// Whether spilled data has reached its size limit.
[[nodiscard]] bool is_out_of_spill(const Error& error);

// Whether the file system refused a read or write, because of permissions, a read-only mount, a limit or a
// broken disk. A full disk is `no_space` instead.
[[nodiscard]] bool is_refused_by_disk(const Error& error);

// Whether DuckDB has invalidated the whole instance, so that every further query fails.
[[nodiscard]] bool is_fatal(const Error& error);

}  // namespace offloader::duckdb
