#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "endpoint_series.h"
#include "offloader/base/clock.h"
#include "offloader/query/plan.h"
#include "offloader/serving/cached_answer.h"
#include "offloader/serving/generation.h"

namespace offloader::api {

// What is known of one request while it is answered. It outlives handle() in callbacks, so everything that it
// needs of the request is copied.
struct Exchange {
  std::shared_ptr<const serving::Generation> generation;
  const serving::ServedEndpoint* endpoint =
      nullptr;  // inside `generation`; null: none that the caller may know
  const EndpointSeries* series = nullptr;
  std::shared_ptr<const query::PlanShape> shape;  // once compiled
  std::string request_id;
  std::string key_id;
  std::string method;
  std::string origin;
  bool has_origin = false;
  std::string client;     // set where the access log is on
  std::string trace_id;   // likewise
  std::string cache_key;  // of the response cache; empty where the policy is none
  serving::Encoding encoding = serving::Encoding::identity;
  bool public_answer = false;
  SteadyTime begun;
  std::uint64_t fairness_class = 0;

  [[nodiscard]] std::optional<std::string_view> origin_sent() const {
    return has_origin ? std::optional<std::string_view>(origin) : std::nullopt;
  }
};

}  // namespace offloader::api
