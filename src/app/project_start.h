#pragma once

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/refresh/project_source.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::app {

// Loads the project at start (snapshots.md, "Boot"). If its bucket is unreachable, waits up to a minute, then
// falls back to the last fetched copy, and logs both. Blocks. `stop` may be null. Errors: cancelled if `stop`
// is raised; not_ready if there is nothing to serve.
[[nodiscard]] Result<refresh::StartedProject> load_project(refresh::ProjectSource& source,
                                                           telemetry::Telemetry& telemetry, CancelFlag* stop);

}  // namespace offloader::app
