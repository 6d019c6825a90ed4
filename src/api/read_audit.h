#pragma once

#include <cstdint>
#include <string_view>

#include "exchange.h"
#include "offloader/audit/audit.h"
#include "offloader/base/clock.h"
#include "offloader/query/params.h"

namespace offloader::api {

// Records data requests in the audit log (identity.md, "Audit"). Thread-safe.
class ReadAudit {
 public:
  // `audit` may be null: then nothing is recorded.
  ReadAudit(audit::Audit* audit, const Clock& clock) : audit_(audit), clock_(clock) {}

  [[nodiscard]] bool on() const { return audit_ != nullptr; }
  // Reserves room for the record of a request. Requires: on().
  [[nodiscard]] Result<ByteHold> admit() const { return audit_->admit(); }

  // Records how a request ended, if it is one for data. Requires: called once per exchange.
  void record(const Exchange& exchange, int status, std::int64_t rows) const;

 private:
  audit::Audit* const audit_;
  const Clock& clock_;
};

// Returns the names of the params of a request as a JSON list, each once, in the order sent. A name that the
// endpoint does not declare is text of the caller and appears as `_unknown`.
[[nodiscard]] std::string names_of(const query::Params& params, const catalog::Endpoint& contract);

}  // namespace offloader::api
