#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/params.h"
#include "offloader/query/plan.h"

namespace offloader::query {

// What relative defaults are counted from, in days since 1970-01-01. Requests that belong together share one.
struct RequestMoment {
  std::int32_t today = 0;      // in UTC
  std::int32_t watermark = 0;  // of the snapshot that answers
  friend bool operator==(const RequestMoment&, const RequestMoment&) = default;
};

struct Cursor;

// What a request is besides its params.
struct RequestKind {
  RequestMoment moment{};  // matters only if depends_on_moment()
  const Cursor* cursor =
      nullptr;  // the param `cursor`, opened (cursor.h); null: not sent, or it cannot be opened
  // The answer is an export: `limit` may be up to its `max_rows`, and rows (not groups) without an order of
  // the contract's come in none. Requires: the endpoint has exports.
  bool exported = false;
};

// Turns the requests of one endpoint into plans according to its contract. This is the trust boundary:
// everything below it works on validated values. Immutable to its callers; any thread may call it. A plan
// shape is built when a request first needs it, and then cached (at most one for each set of filters present
// and each choice of grouping and order, and at most 1,024).
class Compiler {
 public:
  virtual ~Compiler() = default;

  // Returns the plan of a request. Fails with invalid_param for every mistake a caller can make
  // (consumer-api.md, "Params"); Error::problems then has all of them, at most 50. Fails with internal if a
  // tenant-scoped endpoint gets no tenant or one of the wrong type.
  // The plan begins at the first row: see continue_at().
  [[nodiscard]] virtual Result<Plan> compile(const Params& params,
                                             const std::optional<catalog::Tenant>& tenant,
                                             const RequestKind& kind) const = 0;
  [[nodiscard]] Result<Plan> compile(const Params& params, const std::optional<catalog::Tenant>& tenant,
                                     const RequestMoment& moment, const Cursor* cursor = nullptr) const {
    return compile(params, tenant, RequestKind{.moment = moment, .cursor = cursor});
  }
  [[nodiscard]] Result<Plan> compile(const Params& params,
                                     const std::optional<catalog::Tenant>& tenant) const {
    return compile(params, tenant, RequestKind{});
  }

  // Whether a param has a relative default.
  [[nodiscard]] virtual bool depends_on_moment() const = 0;

  // A hash of everything in the endpoint and its dataset that can change an answer: 32 bytes, the same on
  // every replica.
  [[nodiscard]] virtual const std::string& fingerprint() const = 0;
};

// Returns `before`, with its cached shapes, if its contract has the same fingerprint. Otherwise returns a new
// compiler, which copies what it needs.
[[nodiscard]] std::shared_ptr<const Compiler> make_compiler(const catalog::Endpoint& endpoint,
                                                            const catalog::Dataset& dataset,
                                                            std::shared_ptr<const Compiler> before = nullptr);

// Appends the canonical form of a plan: its values (including the tenant's), limit, offset and columns, and
// what the caller chose. Two plans of one compiler have the same form if and only if they mean the same. The
// encoding is unambiguous: lengths precede bytes.
void append_canonical(std::string& out, const Plan& plan);

}  // namespace offloader::query
