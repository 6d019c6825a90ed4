#pragma once

#include "offloader/audit/audit.h"
#include "offloader/base/clock.h"
#include "offloader/refresh/status.h"
#include "offloader/serving/generation.h"

namespace offloader::app {

// Records in the audit log what a publication changed: snapshots, contracts, keys and issuers, each by what
// came and what went (identity.md, "Audit"). Any thread; takes time linear in the generations if the catalog
// has changed, and in the datasets otherwise.
void record_changes(audit::Audit& audit, SystemTime now, const serving::Generation& before,
                    const serving::Generation& after);

// Records that SIGHUP has reloaded the project. Any thread.
void record_reload_by_signal(audit::Audit& audit, SystemTime now, const refresh::ReloadReport& report);

}  // namespace offloader::app
