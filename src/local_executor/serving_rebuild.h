#pragma once

#include <atomic>

#include "instance_ledger.h"
#include "janitor.h"
#include "read_pool.h"
#include "serving_instance.h"

namespace offloader::local_executor {

// Replaces a serving instance that DuckDB has invalidated. Owned by the executor. Any thread. It has a thread
// of its own, so that a rebuild never waits behind detaching, which waits for readers of other snapshots.
class ServingRebuild {
 public:
  // The arguments must outlive it.
  ServingRebuild(ServingInstance& serving, ReadPool& pool, InstanceLedger& ledger)
      : serving_(serving), pool_(pool), ledger_(ledger) {}

  // Requires: called once. Errors: `busy` if the thread cannot be started.
  [[nodiscard]] Result<void> start(EscapeReport report) {
    return thread_.start("serving-rebuild", std::move(report));
  }

  [[nodiscard]] bool healthy() const { return healthy_.load(std::memory_order_relaxed); }
  // Starts a rebuild of the invalid instance, unless one is running. Until it succeeds, local queries that
  // need DuckDB are answered `busy`. Does not block. Call it again to retry a failed rebuild.
  void begin();
  // Waits for the running rebuild and joins the thread. Idempotent.
  void stop() { thread_.stop(); }

 private:
  void rebuild();

  ServingInstance& serving_;
  ReadPool& pool_;
  InstanceLedger& ledger_;
  std::atomic<bool> healthy_{true};
  std::atomic<bool> rebuilding_{false};
  Janitor thread_;
};

}  // namespace offloader::local_executor
