#pragma once

#include <span>

#include "groups.h"
#include "offloader/base/cancel.h"
#include "offloader/rows/writer.h"

namespace offloader::index {

// Writes the groups numbered in `page` as the plan's rows. `runs` is the run directory if each group consists
// of runs of it, else null. Errors: the writer's, `cancelled`.
[[nodiscard]] Result<void> write_groups(const query::Plan& plan, Groups& groups, const RunDirectory* runs,
                                        std::span<const std::uint32_t> page, rows::Writer& writer,
                                        const CancelFlag* cancel);

}  // namespace offloader::index
