#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "drafts.h"

namespace offloader::catalog {

// Returns the text of a file of the project, or nullopt after reporting at the Value why it cannot be read.
using ReadText = std::function<std::optional<std::string>(const std::string& name, const Value& named_at)>;

// Reads the file that `identity` names. `keys` are those of the project, whose ids no issuer may have.
[[nodiscard]] std::vector<Issuer> read_issuers(const Value& root, const ProjectDraft& project,
                                               const EndpointDrafts& endpoints, const KeyTable& keys,
                                               const ReadText& read_text);

}  // namespace offloader::catalog
