#pragma once

#include <string>
#include <string_view>

#include "offloader/audit/audit.h"
#include "offloader/base/result.h"

namespace offloader::admin {

// The most lines of a page of GET /audit.
inline constexpr std::size_t kMostAuditLines = 1000;

// Reads the query of GET /audit: `limit`, `before` and `event`, each at most once. Fails with
// `invalid_param`.
[[nodiscard]] Result<audit::PageQuery> read_audit_query(std::string_view query);

// Returns the page as the JSON of GET /audit. Blocks while older lines are read from the file.
[[nodiscard]] std::string audit_page(const audit::Audit& audit, const audit::PageQuery& query);

}  // namespace offloader::admin
