#pragma once

#include <functional>
#include <string>

#include "attempt.h"
#include "context.h"
#include "ending.h"

namespace offloader::refresh {

// Builds a snapshot from what an attempt resolved: loads and verifies it, makes it durable, attaches it, and
// opens its remote files. Used by one thread; blocking, without a lock. A failed build leaves nothing behind.
class SnapshotBuild {
 public:
  // `serves_rows` returns whether the dataset now serves a snapshot with rows.
  SnapshotBuild(const RefreshContext& context, const std::string& dataset, const Attempt& attempt,
                std::function<bool()> serves_rows)
      : context_(context), id_(dataset), attempt_(attempt), serves_rows_(std::move(serves_rows)) {}

  [[nodiscard]] tl::expected<HeldPtr, Ending> run() const;

 private:
  [[nodiscard]] std::shared_ptr<Held> begin() const;
  [[nodiscard]] tl::expected<void, Ending> load(Held& held) const;
  [[nodiscard]] tl::expected<void, Ending> check_emptiness(std::int64_t rows) const;
  [[nodiscard]] tl::expected<executor::Materialized, Ending> materialize(Held& held) const;
  [[nodiscard]] tl::expected<void, Ending> open_remote(Held& held) const;

  const RefreshContext& context_;
  const std::string& id_;
  const Attempt& attempt_;
  const std::function<bool()> serves_rows_;
};

}  // namespace offloader::refresh
