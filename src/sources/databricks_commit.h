#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/object_store/object_store.h"

// Databricks exports (object-stores.md, last section). Pure.
namespace offloader::sources {

// The names of the `added` list, each a plain object name beside the commit: `rejected` for anything that is
// not such a list.
[[nodiscard]] Result<std::vector<std::string>> parse_databricks_commit(std::string_view json);

struct DatabricksCommit {
  std::string tid;
  object_store::ObjectInfo object;
};

// The `_committed_{tid}` objects directly below `prefix_url`, newest first (by update time, then name).
// Vacuum markers are none.
[[nodiscard]] std::vector<DatabricksCommit> databricks_commits(
    const std::vector<object_store::ObjectInfo>& listing, const std::string& prefix_url);

}  // namespace offloader::sources
