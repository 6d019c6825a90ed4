#pragma once

#include <string>
#include <vector>

#include "offloader/catalog/finding.h"
#include "offloader/catalog/key_table.h"

namespace offloader::catalog {

// The ids of keys that differ between two catalogs, each list sorted.
struct KeyChanges {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;  // in any field but the line

  [[nodiscard]] bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
  friend bool operator==(const KeyChanges&, const KeyChanges&) = default;
};

// Returns which keys came, went and changed from one table to the next. The ids are not secret; nothing else
// of a key is in the result. Linear in the keys, with a sort, unless the tables share their keys. Pure.
[[nodiscard]] KeyChanges changes_of(const KeyTable& before, const KeyTable& after);

// Returns a warning for each active key that expires within 14 days of `now`, or has expired. `file` is the
// keys file.
[[nodiscard]] Findings expiry_warnings(const KeyTable& keys, const std::string& file, SystemTime now);

}  // namespace offloader::catalog
