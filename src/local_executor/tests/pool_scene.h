#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "offloader/duckdb/testing/gate.h"
#include "offloader/executor/testing/json_rows.h"
#include "offloader/rows/json_writer.h"
#include "read_pool.h"

namespace offloader::local_executor {

inline constexpr char kQuick[] = "(SELECT 7 AS n)";
inline constexpr char kGated[] = "(SELECT wait_at_gate(i) AS n FROM range(1) r(i))";
inline constexpr char kEndless[] = "(SELECT count(*) AS n FROM range(1000000000000) r(i) WHERE i % 7 = 8)";
inline constexpr char kFatal[] = "(SELECT break_instance(i) AS n FROM range(1) r(i))";

// A pool of query threads over queries that are quick, wait for the test, or never end.
class PoolTest : public ::testing::Test {
 protected:
  PoolTest() {
    options_.pool_size = 1;
    options_.pool_wait = std::chrono::hours(1);
    options_.query_timeout = std::chrono::hours(1);
    serving_ = instance();
  }
  ~PoolTest() override {
    gate_.open();
    pool_.reset();
  }

  std::shared_ptr<duckdb::Database> instance() {
    auto database = *duckdb::open_instance({1, 0, true, {}, {}, {}, {}});
    auto connection = duckdb::Connection::open(database);
    gate_.add_to(*connection);
    return database;
  }

  void start() {
    pool_ = std::make_unique<ReadPool>(options_, [this] { fatal_.set_value(); });
    ASSERT_TRUE(pool_->start());
    pool_->serve(serving_);
  }

  std::shared_ptr<const OpenSnapshot> snapshot(std::string source,
                                               std::shared_ptr<duckdb::Database> remote = nullptr) {
    OpenSnapshot::Parts parts;
    parts.id = next_id_++;
    parts.remote = remote != nullptr;
    parts.database = std::move(remote);
    parts.source = std::move(source);
    parts.types = {catalog::ColumnType::bigint};
    return std::make_shared<const OpenSnapshot>(std::move(parts));
  }

  static query::Plan plan() {
    static std::uint64_t next = 1;
    auto shape = std::make_shared<query::PlanShape>();
    shape->id = next++;
    shape->schema = {{"n", catalog::ColumnType::bigint}};
    shape->projections = {{"n", 0, catalog::ColumnType::bigint, {}}};
    query::Plan out;
    out.shape = std::move(shape);
    out.limit = 10;
    out.columns = {0};
    return out;
  }

  std::future<Result<executor::testing::JsonRows>> submit(std::shared_ptr<const OpenSnapshot> snapshot,
                                                          std::uint64_t fairness = 0,
                                                          std::shared_ptr<CancelFlag> cancel = nullptr) {
    auto promise = std::make_shared<std::promise<Result<executor::testing::JsonRows>>>();
    auto future = promise->get_future();
    // set_value() throws if the pool calls back twice.
    const auto writer = std::make_shared<rows::JsonWriter>();
    pool_->submit({plan(), std::move(snapshot), writer, fairness, std::move(cancel)},
                  executor::testing::with_json(writer, [promise](Result<executor::testing::JsonRows> rows) {
                    promise->set_value(std::move(rows));
                  }));
    return future;
  }

  static ErrorCode code_of(std::future<Result<executor::testing::JsonRows>> future) {
    auto rows = future.get();
    EXPECT_FALSE(rows);
    return rows ? ErrorCode::internal : rows.error().code;
  }
  static std::string json_of(std::future<Result<executor::testing::JsonRows>> future) {
    auto rows = future.get();
    return rows ? rows->json : rows.error().message + " " + rows.error().detail;
  }

  Options options_;
  duckdb::testing::Gate gate_;
  std::promise<void> fatal_;
  std::shared_ptr<duckdb::Database> serving_;
  std::uint64_t next_id_ = 1;
  std::unique_ptr<ReadPool> pool_;
};

}  // namespace offloader::local_executor
