#pragma once

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/refresh/project_source.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::app {

// Loads the project for the start (snapshots.md, "Boot"): waits a minute for a bucket that cannot be reached,
// then serves the copy that was fetched last, and logs both. `stop` may be null. Errors: `cancelled` once
// `stop` asks for it, `not_ready` when there is nothing to serve.
[[nodiscard]] Result<refresh::StartedProject> load_project(refresh::ProjectSource& source,
                                                           telemetry::Telemetry& telemetry, CancelFlag* stop);

}  // namespace offloader::app
