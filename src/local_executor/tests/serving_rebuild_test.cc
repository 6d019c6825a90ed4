#include "serving_rebuild.h"

#include <atomic>
#include <future>

#include "local_scene.h"
#include "offloader/duckdb/testing/gate.h"

namespace offloader::local_executor {
namespace {

// A fixture with one read thread and snapshots of one row.
class ServingRebuildTest : public LocalScene {
 protected:
  ServingRebuildTest() {
    options_.pool_size = 1;
    serving_ =
        std::move(*ServingInstance::open({1, 0, true, {}, {}, {(root_ / "cache/datasets").string()}, {}}));
    pool_ = std::make_unique<ReadPool>(options_, [this] { rebuild_->begin(); });
    rebuild_ = std::make_unique<ServingRebuild>(*serving_, *pool_, ledger_);
    EXPECT_TRUE(pool_->start());
    EXPECT_TRUE(rebuild_->start({}));
    EXPECT_TRUE(janitor_.start("janitor"));
    pool_->serve(serving_->database());
  }
  ~ServingRebuildTest() override {
    gate_.open();
    janitor_.stop();
    rebuild_->stop();
    pool_->stop();
  }

  // If `remote`, the snapshot has its own instance with the gate's functions, like a remote_scan snapshot.
  // Otherwise it is in the serving instance.
  OpenSnapshot::Parts parts(std::uint64_t id, const std::string& source, bool remote) {
    OpenSnapshot::Parts out;
    out.id = id;
    out.remote = remote;
    if (remote) {
      out.database = *duckdb::open_instance({1, 0, true, {}, {}, {}, {}});
      auto connection = *duckdb::Connection::open(out.database);
      gate_.add_to(connection);
    }
    out.source = source;
    out.types = {catalog::ColumnType::bigint};
    return out;
  }
  std::future<ErrorCode> ask(const std::shared_ptr<const OpenSnapshot>& snapshot) {
    auto shape = std::make_shared<query::PlanShape>();
    shape->id = next_shape();
    shape->schema = {{"n", catalog::ColumnType::bigint}};
    shape->projections = {{"n", 0, catalog::ColumnType::bigint, {}}};
    query::Plan plan;
    plan.shape = std::move(shape);
    plan.limit = 10;
    plan.columns = {0};
    auto promise = std::make_shared<std::promise<ErrorCode>>();
    auto future = promise->get_future();
    pool_->submit({std::move(plan), snapshot, std::make_shared<rows::JsonWriter>(), 0, nullptr},
                  [promise](const executor::Outcome& outcome) {
                    promise->set_value(outcome ? ErrorCode::conflict : outcome.error().code);
                  });
    return future;
  }
  static constexpr ErrorCode kAnswered = ErrorCode::conflict;

  duckdb::testing::Gate gate_;
  InstanceLedger ledger_;
  std::unique_ptr<ServingInstance> serving_;
  std::unique_ptr<ReadPool> pool_;
  std::unique_ptr<ServingRebuild> rebuild_;
  Janitor janitor_;
};

TEST_F(ServingRebuildTest, Begin_ReaderOfAnotherInstance_DoesNotWait) {
  const auto quick = std::make_shared<const OpenSnapshot>(parts(1, "(SELECT 7 AS n)", true));
  EXPECT_EQ(ask(quick).get(), kAnswered);
  const auto gated = std::make_shared<const OpenSnapshot>(
      parts(2, "(SELECT wait_at_gate(i) AS n FROM range(1) r(i))", true));
  auto slow = ask(gated);
  gate_.await_arrivals(1);
  // Forget another snapshot of the same read thread, which is busy with the slow query.
  std::atomic<bool> detached{false};
  janitor_.post([&] {
    pool_->forget(1);
    detached.store(true);
  });
  rebuild_->begin();
  await([&] { return rebuild_->healthy(); });
  EXPECT_FALSE(detached.load()) << "the reader is there still";
  gate_.open();
  EXPECT_EQ(slow.get(), kAnswered);
  await([&] { return detached.load(); });
}

TEST_F(ServingRebuildTest, Begin_ReaderOfTheServingInstance_WaitsForIt) {
  {
    auto connection = *duckdb::Connection::open(serving_->database());
    gate_.add_to(connection);
  }
  const auto gated = std::make_shared<const OpenSnapshot>(
      parts(3, "(SELECT wait_at_gate(i) AS n FROM range(1) r(i))", false));
  const std::weak_ptr<duckdb::Database> old = serving_->database();
  auto reader = ask(gated);
  gate_.await_arrivals(1);
  rebuild_->begin();
  EXPECT_EQ(ask(gated).wait_for(std::chrono::seconds(0)), std::future_status::timeout) << "it waits its turn";
  EXPECT_FALSE(old.expired());
  gate_.open();
  EXPECT_EQ(reader.get(), kAnswered);
  await([&] { return rebuild_->healthy(); });
  EXPECT_TRUE(old.expired());
}

}  // namespace
}  // namespace offloader::local_executor
