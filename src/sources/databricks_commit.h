#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/object_store/object_store.h"

// Parsing of Databricks commit files (object-stores.md, last section). Pure functions, callable from any
// thread.
namespace offloader::sources {

// Returns the `added` list: names of objects in the same folder as the commit. Fails with `rejected` when
// `json` is not a commit with such a list, when a name is not a plain one (at most 1,024 bytes, without `/`
// and control characters), or when there are more than 100,000 names.
[[nodiscard]] Result<std::vector<std::string>> parse_databricks_commit(std::string_view json);

struct DatabricksCommit {
  std::string tid;
  object_store::ObjectInfo object;
};

// Returns the `_committed_{tid}` objects directly below `prefix_url`, newest first (by update time, then by
// tid). Skips vacuum markers. Requires: `prefix_url` ends in `/`.
[[nodiscard]] std::vector<DatabricksCommit> databricks_commits(
    const std::vector<object_store::ObjectInfo>& listing, const std::string& prefix_url);

}  // namespace offloader::sources
