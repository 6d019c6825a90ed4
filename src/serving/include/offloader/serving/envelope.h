#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/serving/cached_answer.h"
#include "offloader/serving/generation.h"

// The JSON around the rows, and the errors that replace it (consumer-api.md). Both ports use the same error
// envelope. All functions are thread-safe.
namespace offloader::serving {

enum class CacheResult { hit, miss, off };
[[nodiscard]] std::string_view name_of(CacheResult result);

struct Freshness {
  std::int64_t age_seconds = 0;  // whole seconds since the watermark, at least 0
  std::optional<std::int64_t> max_staleness_minutes;
  bool stale = false;
};

// Requires: the endpoint has a snapshot.
[[nodiscard]] Freshness freshness_of(const ServedEndpoint& endpoint, SystemTime now);

struct MetaFacts {
  std::string_view request_id;
  std::int64_t row_count = 0;
  bool has_more = false;
  CacheResult cache = CacheResult::off;
  const AnswerTotals* totals = nullptr;    // null: none
  bool pages_by_cursor = false;            // the endpoint has cursors
  std::string_view next_cursor{};          // empty: no more rows
  std::optional<bool> snapshot_changed{};  // set if the request has a cursor
};

// Appends the meta object, but not the brace that closes the answer around it. Requires: the endpoint has a
// snapshot.
void append_meta(std::string& out, const ServedEndpoint& endpoint, const MetaFacts& facts, SystemTime now);

// An error as the ports show it: the family and status of the contract, and the seconds of Retry-After for a
// 503. Those of a 429 depend on the limit.
struct PublicError {
  std::string_view family;
  int status = 500;
  std::optional<int> retry_after;
};

// Maps an error code to HTTP. This is the only such mapping.
[[nodiscard]] PublicError to_public(ErrorCode code);

// Returns the family of an error of which only the HTTP status is known: that of a request which the
// connection itself refuses.
[[nodiscard]] std::string_view family_of(int status);

// Returns {"error":{"family","message"},"meta":{"request_id"}}. With problems, the error also has `param` and
// `allowed` of the first, whose message is `message`; with several it lists them all (consumer-api.md,
// "Errors").
[[nodiscard]] std::string error_body(std::string_view family, std::string_view message,
                                     std::string_view request_id, std::span<const Problem> problems = {});

}  // namespace offloader::serving
