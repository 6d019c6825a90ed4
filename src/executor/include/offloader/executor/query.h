#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/executor/snapshot.h"
#include "offloader/query/plan.h"
#include "offloader/rows/writer.h"

namespace offloader::executor {

// Describes an answer whose rows have been written.
struct Answered {
  std::int64_t row_count = 0;
  bool has_more = false;
  std::string_view by{};  // the part of the executor that answered, one of Executor::parts()
  std::chrono::nanoseconds duration{0};
  std::optional<std::int64_t> total_rows{};  // of the whole answer; set if the plan asks for it
  std::optional<query::PageEnd> end{};       // set if the plan asks for it and there are more rows
};

// Describes why a query has no answer.
struct Failure : Error {
  Failure(Error error, std::string_view part = {})  // NOLINT(google-explicit-constructor): as an Error is
      : Error(std::move(error)), by(part) {}
  std::string_view by{};  // the part of the executor that ran it, one of Executor::parts(); empty if none did
};
using Outcome = tl::expected<Answered, Failure>;

// Called exactly once, on any thread.
using AnsweredCallback = std::function<void(Outcome)>;

// Marks a query whose rows are sent while they are made: its writer may block, and it may run for long. Such
// queries have threads of their own, a quarter as many as the others.
struct Stream {
  std::uint64_t group = 0;  // at most `most` queries of a group run at once
  std::size_t most = 1;
};

// A query to run: a page, and the totals that the plan asks for. The plan contains the tenant.
// `fairness_class` (a hash of tenant and key) only schedules;
// it never filters.
struct Query {
  query::Plan plan;
  SnapshotPtr snapshot;
  std::shared_ptr<rows::Writer> writer;  // used by the executor until the callback is called
  std::uint64_t fairness_class = 0;      // waiting queries are scheduled round-robin over these
  std::shared_ptr<CancelFlag> cancel;    // may be null
  std::optional<Stream> stream{};
};

// How busy the query threads are, without those of streams.
struct PoolStatus {
  std::size_t connections = 0;
  std::size_t busy = 0;
  std::size_t waiting = 0;
  std::size_t remote_cap = 0;
};

}  // namespace offloader::executor
