#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/admin/operations.h"
#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/usage/report.h"
#include "reply.h"

// `GET /usage` (identity.md, "Usage"): reads its query and writes its answer.
namespace offloader::admin {

enum class UsageFormat { json, csv };

struct UsageRequest {
  usage::Question question;
  std::vector<std::string> by;  // as asked, without repetitions
  UsageFormat format = UsageFormat::json;
};

// Reads `from`, `to`, `by` and `format`. Without them: the last 30 days, by key and endpoint, in the format
// that `accept` asks for, else JSON. Errors: `invalid_param`, with the problems.
[[nodiscard]] Result<UsageRequest> read_usage_query(std::string_view query,
                                                    std::optional<std::string_view> accept, SystemTime now);

// Returns the body of the answer. `endpoints` are those of the project, in order; JSON lists the ones that
// nobody called.
[[nodiscard]] std::string usage_json(const UsageRequest& request, const usage::Report& report,
                                     const std::vector<std::string>& endpoints);
[[nodiscard]] std::string usage_csv(const UsageRequest& request, const usage::Report& report);

// Answers a query that has been read. Blocks.
void send_usage(const Result<UsageRequest>& request, Operations& operations, const catalog::Catalog& catalog,
                Reply& reply);

}  // namespace offloader::admin
