#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/executor/snapshot.h"
#include "offloader/query/plan.h"
#include "offloader/rows/writer.h"

namespace offloader::executor {

// What is known of an answer whose rows were written.
struct Answered {
  std::int64_t row_count = 0;
  bool has_more = false;
  std::string_view by{};  // which part of the executor, one of Executor::parts()
  std::chrono::nanoseconds duration{0};
};

// Why a query has no answer.
struct Failure : Error {
  Failure(Error error, std::string_view part = {})  // NOLINT(google-explicit-constructor): as an Error is
      : Error(std::move(error)), by(part) {}
  std::string_view by{};  // which part of the executor ran it, one of Executor::parts(); empty: none did
};
using Outcome = tl::expected<Answered, Failure>;

// Called exactly once, from any thread.
using AnsweredCallback = std::function<void(Outcome)>;

// A query to run. The tenant is in the plan; `fairness_class` (a hash of tenant and key) is only for turns,
// never for filtering.
struct Query {
  query::Plan plan;
  SnapshotPtr snapshot;
  std::shared_ptr<rows::Writer> writer;  // the executor's until the callback is called
  std::uint64_t fairness_class = 0;      // waiting queries are served round-robin over these
  std::shared_ptr<CancelFlag> cancel;    // may be null
};

// How busy the threads are that run queries.
struct PoolStatus {
  std::size_t connections = 0;
  std::size_t busy = 0;
  std::size_t waiting = 0;
  std::size_t remote_cap = 0;
};

}  // namespace offloader::executor
