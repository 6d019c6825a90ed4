#pragma once

#include <string>

#include "drafts.h"
#include "offloader/base/cancel.h"
#include "offloader/catalog/key_table.h"

namespace offloader::catalog {

inline constexpr std::size_t kMaxKeysBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxKeys = 200'000;

// Returns whether the keys file has a key a line, as JSON; otherwise it is YAML.
[[nodiscard]] bool is_ndjson_name(std::string_view name);

struct ReadKeys {
  KeyTable keys;
  bool readable = false;  // the whole file could be read, whether or not its keys are valid
};

// Reads a keys file (project-files.md, "keys/keys.yml") one key at a time, and reports its findings, which
// never repeat a value. Without `endpoints` (null) it checks neither the names of endpoints nor whether
// tenants fit them. Time and memory are linear in the text.
[[nodiscard]] ReadKeys read_keys(Source& source, const std::string& text, const EndpointDrafts* endpoints,
                                 const CancelFlag* cancel);

}  // namespace offloader::catalog
