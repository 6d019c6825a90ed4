#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"

namespace offloader::query {

// Decoded params in the order sent.
using Params = std::vector<std::pair<std::string, std::string>>;

// Decodes application/x-www-form-urlencoded: `+` is a space, %XX a byte; valid UTF-8 without NUL, else
// invalid_param. A query string is at most 8 KiB, at most 256 params.
[[nodiscard]] Result<Params> decode_query_string(std::string_view query);

// The trust boundary: an endpoint's contract, ready to turn requests into plans. Immutable to its callers;
// any thread. Each plan shape is made when a request first needs it, and kept (at most 2^filters, at most
// 1,024).
class Compiler {
 public:
  virtual ~Compiler() = default;

  // invalid_param for everything a caller can get wrong (consumer-api.md, "Params"); internal when a
  // tenant-scoped endpoint gets no tenant, or one of another type.
  [[nodiscard]] virtual Result<Plan> compile(const Params& params,
                                             const std::optional<catalog::Tenant>& tenant) const = 0;

  // A hash of everything in the endpoint and its dataset that can change an answer; 32 bytes, the same on
  // every replica.
  [[nodiscard]] virtual const std::string& fingerprint() const = 0;
};

// Returns `before` where its contract is the same in all that can change an answer, with the shapes that it
// has made; else a new compiler, which copies what it needs.
[[nodiscard]] std::shared_ptr<const Compiler> make_compiler(const catalog::Endpoint& endpoint,
                                                            const catalog::Dataset& dataset,
                                                            std::shared_ptr<const Compiler> before = nullptr);

// Appends the canonical form of what a plan asks for: values (the tenant's included), limit, offset, columns.
// Two plans of one compiler have the same form exactly when they mean the same. Unambiguous: lengths before
// bytes.
void append_canonical(std::string& out, const Plan& plan);

}  // namespace offloader::query
