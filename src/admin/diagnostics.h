#pragma once

#include <string>
#include <string_view>

#include "offloader/admin/operations.h"

namespace offloader::admin {

// The body of /diagnostics (admin-api.md, "Diagnostics"), of at most 4 MiB: findings that do not fit are
// counted, and datasets that do not fit are too (`datasets_omitted`).
[[nodiscard]] std::string diagnostics_json(const Facts& facts);

// The bodies of forced refreshes, rollbacks and reloads.
[[nodiscard]] std::string to_json(const refresh::RefreshReport& report);
[[nodiscard]] std::string to_json(const refresh::RollbackReport& report);
[[nodiscard]] std::string to_json(const refresh::ReloadReport& report);

// The error envelope of a reload that was refused, with the findings.
[[nodiscard]] std::string invalid_config_body(const refresh::ReloadReport& report,
                                              std::string_view request_id);

}  // namespace offloader::admin
