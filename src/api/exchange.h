#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "endpoint_series.h"
#include "offloader/base/byte_budget.h"
#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"
#include "offloader/http/server.h"
#include "offloader/identity/principal.h"
#include "offloader/limits/limiter.h"
#include "offloader/query/params.h"
#include "offloader/query/plan.h"
#include "offloader/rows/format.h"
#include "offloader/serving/answers.h"
#include "offloader/serving/generation.h"

namespace offloader::api {

class Batch;
struct PageCursor;

// One request while it is answered: what the stages (stage.h) have found out so far. It lives on the stack of
// handle() until a stage has to wait, and then moves to the heap (keep()). Used by one thread at a time.
struct Exchange {
  Exchange(const http::Request& asked, http::Responder answers_to, const std::shared_ptr<CancelFlag>& raised)
      : request(&asked), responder(std::move(answers_to)), gone(&raised) {}

  // Set at the start. Views point into the request, whose text stays valid until the responder has been used.
  const http::Request* request;  // valid until handle() returns; null once kept, unless with the request
  http::Responder responder;
  const std::shared_ptr<CancelFlag>* gone;  // raised when the client goes away
  std::shared_ptr<const serving::Generation> generation;
  const EndpointSeries* series = nullptr;
  std::string request_id;
  std::string_view method;
  std::string_view target;                 // undecoded
  std::optional<std::string_view> origin;  // value of the Origin header
  std::string client;                      // set only if access lines, recorded reads or limits need it
  std::string trace_id;                    // set only if access lines are written
  SteadyTime begun;
  std::optional<SystemTime> moment{};  // that relative defaults count from; unset: when the params are read
  std::string_view name;               // of the endpoint; empty once the exchange is kept
  bool takes_method = true;            // false: the path does not allow this method
  std::string_view allow;              // the methods that the path allows
  bool for_data = false;               // of an endpoint or a batch, so that the audit log may record it

  // Set if the request is one of a batch, which outlives the responder.
  Batch* batch = nullptr;
  std::size_t batch_index = 0;

  // Set by the principal stage. It may point into the generation without owning anything.
  std::shared_ptr<const identity::Principal> principal{};

  // Set by the audit stage: room for the record of the request.
  ByteHold audit_room;

  // Set by the limits stage.
  limits::Admission admission{};
  std::string_view counted_as{};  // name in the usage ledger if there is no endpoint; empty: does not count

  // Set by the route stage, and by the params stage if a cursor names the previous snapshot; points into the
  // generation.
  const serving::ServedEndpoint* endpoint = nullptr;  // null: no endpoint that the caller may call
  std::optional<identity::Grant> grant{};             // nullopt: likewise; points into the principal
  bool public_answer = false;                         // depends on neither a key nor a tenant

  // Set by the body stage, and taken by the stage that decodes it.
  std::string body;
  ByteHold body_room;  // counts it

  // Set by the JSON stage, by the batch, or by the format stage; nullopt: the params are in the query string.
  std::optional<Result<query::Params>> params;

  // Set by the format stage.
  rows::Format format = rows::Format::json;
  serving::Encoding encoding = serving::Encoding::identity;
  bool exported = false;  // the answer is sent while it is made

  // Set by the params stage if reads are recorded (read_audit.h).
  std::string param_names{};

  // Set by the params stage; moved to the query.
  query::Plan plan;
  std::shared_ptr<PageCursor> page{};  // null: the endpoint has no cursors
  std::int64_t offset = 0;             // of the page
  // The day that a default of `today` stood for; unset if none applied.
  std::optional<std::int32_t> today{};

  // Set by the cache stage; the question is moved to the query.
  serving::Question question;
  std::string cache_key;  // empty if the endpoint does not cache

  // Set by the last stage of a route that is no endpoint's: the header lines that it adds.
  std::string head;

  // Set by the cache stage, the answer stage, or that last stage.
  std::shared_ptr<const query::PlanShape> shape;  // shape of the plan; null for a hit
  std::shared_ptr<const serving::CachedAnswer> answer;
  serving::CacheResult result = serving::CacheResult::off;
  std::chrono::nanoseconds executed{0};  // time of the query that was run for this request

  // Returns the principal's id for the log; empty if there is none.
  [[nodiscard]] std::string_view key_id() const {
    return principal == nullptr ? std::string_view() : std::string_view(principal->id);
  }
  // Returns whether the answer may be cached: only JSON is. Requires: `endpoint` is set.
  [[nodiscard]] bool cached() const {
    return endpoint->contract->cache == catalog::CachePolicy::snapshot && format == rows::Format::json;
  }

  // Returns whether the request is a POST, a read whose params are in its body: its answer may come from the
  // cache, but no client keeps it.
  [[nodiscard]] bool is_post() const { return method == "POST"; }

  // Moves the exchange to the heap, where it outlives handle(). Resets `request` and `name`, which are not
  // valid after handle() returns.
  [[nodiscard]] static std::shared_ptr<Exchange> keep(Exchange&& exchange) {
    auto kept = keep_with_request(std::move(exchange));
    kept->request = nullptr;
    return kept;
  }

  // The same, for a stage that resumes on the thread of the connection. `request` stays, because it is valid
  // until the responder has been used.
  [[nodiscard]] static std::shared_ptr<Exchange> keep_with_request(Exchange&& exchange) {
    std::shared_ptr<CancelFlag> raised = *exchange.gone;
    auto kept = std::make_shared<Exchange>(std::move(exchange));
    kept->name = {};
    kept->kept_gone_ = std::move(raised);
    kept->gone = &kept->kept_gone_;
    return kept;
  }

  // The same, for a stage before the route stage, which needs the name of the endpoint.
  [[nodiscard]] static std::shared_ptr<Exchange> keep_before_route(Exchange&& exchange) {
    std::string name(exchange.name);
    auto kept = keep_with_request(std::move(exchange));
    kept->kept_name_ = std::move(name);
    kept->name = kept->kept_name_;
    return kept;
  }

 private:
  std::shared_ptr<CancelFlag> kept_gone_;
  std::string kept_name_;
};

}  // namespace offloader::api
