#pragma once

#include <string>
#include <string_view>

#include "offloader/admin/operations.h"

namespace offloader::admin {

// Returns the body of /diagnostics (admin-api.md, "Diagnostics"), at most 4 MiB. Findings and datasets that
// do not fit are replaced by their number (`datasets_omitted`).
[[nodiscard]] std::string diagnostics_json(const Facts& facts);

// Return the response bodies of refreshes, rollbacks and reloads.
[[nodiscard]] std::string to_json(const refresh::RefreshReport& report);
[[nodiscard]] std::string to_json(const refresh::RollbackReport& report);
[[nodiscard]] std::string to_json(const refresh::ReloadReport& report);

// Returns the error envelope of a rejected reload, with its findings.
[[nodiscard]] std::string invalid_config_body(const refresh::ReloadReport& report,
                                              std::string_view request_id);

}  // namespace offloader::admin
