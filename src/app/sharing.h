#pragma once

#include <cstddef>

#include "build_plan.h"
#include "descriptors.h"
#include "offloader/settings/settings.h"
#include "offloader/telemetry/telemetry.h"

// Divides what all parts of the process share, and warns in the log if a part gets less than was configured.
namespace offloader::app {

// Raises the limit on descriptors as far as the system allows, and bounds the connections by it.
[[nodiscard]] DescriptorPlan share_descriptors(const settings::Settings& settings, std::size_t datasets,
                                               telemetry::Log& log);

// Builds share a part of DuckDB's memory: returns how many may run at once.
[[nodiscard]] BuildPlan share_build_memory(const settings::Settings& settings, telemetry::Log& log);

}  // namespace offloader::app
