#pragma once

#include <utility>

#include "read_audit.h"
#include "stage.h"

namespace offloader::api {

// Reserves room for the record of the request in the audit log, and refuses the request (503) if it could not
// be recorded although it must be (OFFLOADER_AUDIT_REQUIRED). Runs before anything is done for the request,
// but after the principal stage, because a caller without a valid key learns nothing and gets no room. The
// requests of a batch begin here.
class AuditStage {
 public:
  explicit AuditStage(const ReadAudit& audit) : audit_(audit) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const {
    if (!audit_.on()) return Step::next;
    auto room = audit_.admit();
    if (!room) return fail(std::move(room.error()));
    exchange.audit_room = std::move(*room);
    return Step::next;
  }

 private:
  const ReadAudit& audit_;
};

}  // namespace offloader::api
