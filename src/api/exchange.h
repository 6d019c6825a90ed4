#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "endpoint_series.h"
#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"
#include "offloader/http/server.h"
#include "offloader/identity/principal.h"
#include "offloader/query/plan.h"
#include "offloader/rows/format.h"
#include "offloader/serving/answers.h"
#include "offloader/serving/generation.h"

namespace offloader::api {

// One request while it is answered: what the stages (stage.h) have found out so far. Lives on the stack of
// handle() until a stage has to wait, and moves to the heap then (keep()). Used by one thread at a time.
struct Exchange {
  Exchange(const http::Request& asked, http::Responder answers_to, const std::shared_ptr<CancelFlag>& raised)
      : request(&asked), responder(std::move(answers_to)), gone(&raised) {}

  // From the start. Views are of the request, whose text stays until the responder has been used.
  const http::Request* request;  // not after handle() has returned
  http::Responder responder;
  const std::shared_ptr<CancelFlag>* gone;  // raised when the client goes away
  std::shared_ptr<const serving::Generation> generation;
  const EndpointSeries* series = nullptr;
  std::string request_id;
  std::string_view method;
  std::optional<std::string_view> origin;  // of the Origin header
  std::string client;                      // set where the access log is on
  std::string trace_id;                    // likewise
  SteadyTime begun;
  std::string_view name;     // of the endpoint; not after handle() has returned
  bool takes_method = true;  // false: the path takes other methods
  std::string_view allow;    // the methods that the path takes

  // Of the principal stage; inside the generation.
  const identity::Principal* principal = nullptr;

  // Of the route stage; inside the generation.
  const serving::ServedEndpoint* endpoint = nullptr;  // null: none that the caller may know
  const identity::Grant* grant = nullptr;             // likewise
  bool public_answer = false;                         // made by no key and no tenant

  // Of the format stage.
  rows::Format format = rows::Format::json;
  serving::Encoding encoding = serving::Encoding::identity;

  // Of the params stage, until the query has them.
  query::Plan plan;

  // Of the cache stage, the question until the query has it.
  serving::Question question;
  std::string cache_key;  // empty where the policy is none

  // Of the cache or the answer stage.
  std::shared_ptr<const query::PlanShape> shape;  // of the query; null for a hit
  std::shared_ptr<const serving::CachedAnswer> answer;
  serving::CacheResult result = serving::CacheResult::off;

  // The principal's id for the log, or nothing.
  [[nodiscard]] std::string_view key_id() const {
    return principal == nullptr ? std::string_view() : std::string_view(principal->id);
  }
  // Whether the endpoint's policy is to cache answers. Requires: endpoint.
  [[nodiscard]] bool cached() const { return endpoint->contract->cache == catalog::CachePolicy::snapshot; }

  // Moves the exchange to where it outlives handle().
  [[nodiscard]] static std::shared_ptr<Exchange> keep(Exchange&& exchange) {
    std::shared_ptr<CancelFlag> raised = *exchange.gone;
    auto kept = std::make_shared<Exchange>(std::move(exchange));
    kept->request = nullptr;
    kept->name = {};
    kept->kept_gone_ = std::move(raised);
    kept->gone = &kept->kept_gone_;
    return kept;
  }

 private:
  std::shared_ptr<CancelFlag> kept_gone_;
};

}  // namespace offloader::api
