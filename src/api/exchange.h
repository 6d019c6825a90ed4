#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

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
  std::string client;    // set where the access log is on
  std::string trace_id;  // likewise
  std::string etag;
  std::string cache_key;  // of the response cache; empty where the policy is none
  serving::Encoding encoding = serving::Encoding::identity;
  bool public_answer = false;
  SteadyTime begun;
  std::thread::id io_thread;  // that read the request, and must not be kept

  [[nodiscard]] std::optional<std::string_view> origin_sent() const {
    return has_origin ? std::optional<std::string_view>(origin) : std::nullopt;
  }
  [[nodiscard]] bool on_io_thread() const { return std::this_thread::get_id() == io_thread; }
};

}  // namespace offloader::api
