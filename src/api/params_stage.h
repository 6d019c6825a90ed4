#pragma once

#include "offloader/base/clock.h"
#include "page_cursor.h"
#include "read_audit.h"
#include "stage.h"

namespace offloader::api {

// Compiles the params, which a POST has in its body and every other request in its query string, to a plan,
// which is bound to the tenant of the principal. Runs after the route stage, because the contract of the
// endpoint defines the params (422). A dataset without a snapshot (503) is reported last, so that an invalid
// request is always reported as invalid. A cursor is opened here too: it is one of the params, which says
// from which day defaults count, in which snapshot the page is, and where it begins. One that has expired
// (410) is reported after the params. It does nothing for a request that the repeat
// stage has answered.
class ParamsStage {
 public:
  ParamsStage(const Clock& clock, const Cursors& cursors, const ReadAudit& audit)
      : clock_(&clock), cursors_(&cursors), audit_(&audit) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  const Clock* clock_;
  const Cursors* cursors_;
  const ReadAudit* audit_;
};

}  // namespace offloader::api
