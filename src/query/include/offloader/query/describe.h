#pragma once

#include <string>

#include "offloader/query/plan.h"

namespace offloader::query {

// Formats a plan as lines for people, for golden files and failing tests. The text contains values, including
// the tenant's, so never log it or send it to a caller. Pure.
[[nodiscard]] std::string to_text(const Plan& plan);

// Formats the shape in one line, without any value, so it is safe to log with a slow query. Pure.
[[nodiscard]] std::string to_text(const PlanShape& shape);

}  // namespace offloader::query
