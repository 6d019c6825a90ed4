#include "remote_scene.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

class RemoteScanTest : public RemoteScene {
 protected:
  // A file of 20 row groups, sorted by `day`, with columns that a selective query does not read.
  ResolvedFile sorted_parquet(int rows_per_group = 20480) {
    dataset_.schema = {{"day", ColumnType::integer},
                       {"amount", ColumnType::bigint},
                       {"note", ColumnType::varchar},
                       {"other", ColumnType::varchar}};
    sql("COPY (SELECT (i // " + std::to_string(rows_per_group) +
        ")::INTEGER AS day, i::BIGINT AS amount, md5(i::VARCHAR) AS note, md5((i+1)::VARCHAR) || "
        "md5((i+2)::VARCHAR) "
        "AS other FROM range(" +
        std::to_string(20 * rows_per_group) + ") r(i)) TO '" + (root_ / "sorted.parquet").string() +
        "' (FORMAT parquet, ROW_GROUP_SIZE " + std::to_string(rows_per_group) + ")");
    return file_of("sorted.parquet", FileFormat::parquet);
  }

  // A plan for the sum of the amounts of one day, which is one row.
  query::Plan sum_of_day(std::int64_t day) const {
    query::Plan plan;
    plan.shape = sum_shape_;
    plan.columns = {0};
    plan.values = {day};
    plan.limit = 10;
    return plan;
  }
  std::shared_ptr<const query::PlanShape> sum_shape() const {
    auto shape = std::make_shared<query::PlanShape>();
    shape->id = next_shape();
    shape->schema = dataset_.schema;
    shape->projections = {{"total", 1, ColumnType::bigint, catalog::Aggregate::sum}};
    shape->conditions = {{0, ColumnType::integer, query::Comparison::eq}};
    shape->aggregated = true;
    return shape;
  }
  // The number of reads that reach the end of the file, which holds the footer.
  static std::size_t reads_of_end(const std::vector<MemoryStore::Asked>& asked, std::uint64_t size) {
    return static_cast<std::size_t>(std::count_if(asked.begin(), asked.end(), [&](const auto& one) {
      return one.operation == "read" && one.range.offset + one.range.length == size;
    }));
  }
  std::shared_ptr<const query::PlanShape> sum_shape_;
};

TEST_F(RemoteScanTest, Run_EachFormat_GivesTheSameBytesAsALocalTable) {
  dataset_.schema = {{"n", ColumnType::bigint}, {"text", ColumnType::varchar}, {"x", ColumnType::float64}};
  sql("CREATE OR REPLACE TABLE t AS SELECT i AS n, CASE WHEN i % 7 = 0 THEN NULL ELSE 'é\"' || i END AS "
      "text, "
      "i / 3.0 AS x FROM range(900) r(i)");
  const auto at = [&](const char* name) { return "'" + (root_ / name).string() + "'"; };
  sql("COPY (FROM t WHERE n < 300) TO " + at("a.parquet") + " (FORMAT parquet)");
  sql("COPY (FROM t WHERE n BETWEEN 300 AND 499) TO " + at("b.csv") + " (HEADER)");
  sql("COPY (FROM t WHERE n BETWEEN 500 AND 699) TO " + at("c.csv.gz") + " (HEADER, COMPRESSION gzip)");
  sql("COPY (FROM t WHERE n >= 700) TO " + at("d.csv.zst") + " (HEADER, COMPRESSION zstd)");
  std::vector<ResolvedFile> local{file_of("a.parquet", FileFormat::parquet),
                                  file_of("b.csv", FileFormat::csv), file_of("c.csv.gz", FileFormat::csv),
                                  file_of("d.csv.zst", FileFormat::csv)};
  const auto expected = answer(local);
  ASSERT_THAT(expected, HasSubstr("\"n\":899"));
  std::vector<ResolvedFile> remote;
  // Keys that look like patterns, or hold characters that URLs encode.
  const char* const keys[] = {"p*/a [1]?.parquet", "b+%41#.csv", "ü/c.csv.gz", "d d.csv.zst"};
  for (std::size_t i = 0; i < local.size(); ++i) remote.push_back(upload(local[i], keys[i]));

  const auto scanned = open(remote);
  ASSERT_TRUE(scanned) << scanned.error().error.detail << to_text(scanned.error().findings);
  EXPECT_TRUE((*scanned)->remote());
  EXPECT_EQ((*scanned)->rows(), 900);
  EXPECT_EQ(run(everything(), *scanned)->json, expected);

  std::filesystem::remove(files().database());
  auto request = remote_request(remote, 900);
  const auto built = executor_->materialize(request);
  ASSERT_TRUE(built) << built.error().error.detail << to_text(built.error().findings);
  EXPECT_EQ(run(everything(), *attach())->json, expected);
}

TEST_F(RemoteScanTest, Run_SelectiveQuery_ReadsLittleAndNoFooterAgain) {
  const auto file = upload(sorted_parquet());
  const auto size = std::filesystem::file_size(root_ / "sorted.parquet");
  sum_shape_ = sum_shape();
  const auto snapshot = open({file});
  ASSERT_TRUE(snapshot) << snapshot.error().error.detail << to_text(snapshot.error().findings);
  EXPECT_EQ(store_->count("stat"), 1U);
  EXPECT_EQ(reads_of_end(store_->asked(), size), 1U);  // the footer, before any query

  store_->forget();
  EXPECT_EQ(run(sum_of_day(7), *snapshot)->json, R"([{"total":3145717760}])");
  EXPECT_EQ(store_->count("stat"), 0U);
  EXPECT_EQ(reads_of_end(store_->asked(), size), 0U);
  EXPECT_GT(store_->bytes_read(), 0U);
  EXPECT_LT(store_->bytes_read(), size / 20);

  store_->forget();
  EXPECT_EQ(run(sum_of_day(11), *snapshot)->json, R"([{"total":4823439360}])");
  EXPECT_EQ(reads_of_end(store_->asked(), size), 0U);
  store_->forget();
  EXPECT_TRUE(run(sum_of_day(7), *snapshot));
  EXPECT_THAT(store_->asked(), ::testing::IsEmpty());  // the ranges are cached
}

TEST_F(RemoteScanTest, Run_ObjectReplaced_FailsAsChanged) {
  const auto local = sorted_parquet();
  const auto file = upload(local);
  sum_shape_ = sum_shape();
  const auto snapshot = open({file});
  ASSERT_TRUE(snapshot);
  ASSERT_TRUE(run(sum_of_day(0), *snapshot));
  upload(local);  // the same bytes, another version
  const auto rows = run(sum_of_day(1), *snapshot);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::changed);
  EXPECT_THAT(rows.error().detail, HasSubstr("s3://bucket/sorted.parquet"));
  // A snapshot that is opened now has the new version and another fingerprint.
  const auto again = open({file});
  ASSERT_TRUE(again);
  EXPECT_NE((*again)->fingerprint(), (*snapshot)->fingerprint());
  EXPECT_TRUE(run(sum_of_day(1), *again));
}

TEST_F(RemoteScanTest, Run_LocalFileReplaced_FailsAsChanged) {
  const auto file = sorted_parquet();
  sum_shape_ = sum_shape();
  const auto snapshot = open({file});
  ASSERT_TRUE(snapshot) << snapshot.error().error.detail;
  ASSERT_TRUE(run(sum_of_day(0), *snapshot));
  std::filesystem::copy_file(root_ / "sorted.parquet", root_ / "other");
  std::filesystem::rename(root_ / "other", root_ / "sorted.parquet");
  const auto rows = run(sum_of_day(1), *snapshot);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::changed);
}

TEST_F(RemoteScanTest, Run_StoreFails_IsUnavailable) {
  const auto file = upload(sorted_parquet());
  sum_shape_ = sum_shape();
  const auto snapshot = open({file});
  ASSERT_TRUE(snapshot);
  for (const auto code :
       {ErrorCode::unauthorized, ErrorCode::not_found, ErrorCode::timeout, ErrorCode::unavailable}) {
    store_->before_read(
        [code](const auto&) { return Result<void>(fail(code, "no <luck>", "s3://bucket/x")); });
    const auto rows = run(sum_of_day(2), *snapshot);
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::unavailable);
    EXPECT_EQ(rows.error().message, "no _luck_");
  }
  store_->before_read({});
  EXPECT_TRUE(run(sum_of_day(2), *snapshot));
}

TEST_F(RemoteScanTest, Run_Cancelled_EndsTheTransfer) {
  const auto file = upload(sorted_parquet());
  sum_shape_ = sum_shape();
  const auto snapshot = open({file});
  ASSERT_TRUE(snapshot);
  store_->hang(true);
  auto cancel = std::make_shared<CancelFlag>();
  std::promise<Result<executor::Answered>> promise;
  executor_->run({sum_of_day(3), *snapshot, std::make_shared<rows::JsonWriter>(), 1, cancel},
                 [&](Result<executor::Answered> answered) { promise.set_value(std::move(answered)); });
  await([&] { return store_->waiting() > 0; });
  cancel->cancel();
  const auto rows = promise.get_future().get();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::cancelled);
  await([&] { return store_->waiting() == 0; });
  store_->hang(false);
  EXPECT_TRUE(run(sum_of_day(3), *snapshot));  // the connection can be used again
}

TEST_F(RemoteScanTest, Scan_CancelledWhileCountingRows_Ends) {
  dataset_.schema = {{"n", ColumnType::bigint}};
  const auto file = upload(write("a.csv", "n\n7\n"));
  // Reading the header succeeds; the reads that count the rows hang.
  store_->before_read([&](const MemoryStore::Asked&) -> Result<void> {
    store_->hang(true);
    return {};
  });
  CancelFlag cancel;
  auto opened = std::async(std::launch::async, [&] {
    return scan(request({file}, std::nullopt).source.manifest, {file}, policy(), &cancel);
  });
  await([&] { return store_->waiting() > 0; });
  cancel.cancel();
  const auto snapshot = opened.get();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().error.code, ErrorCode::cancelled);
  EXPECT_EQ(store_->waiting(), 0U);
}

TEST_F(RemoteScanTest, Run_StoreHangs_TimesOut) {
  options_.query_timeout = 50ms;
  reopen();
  const auto file = upload(sorted_parquet());
  sum_shape_ = sum_shape();
  const auto snapshot = open({file});
  ASSERT_TRUE(snapshot);
  store_->hang(true);
  const auto rows = run(sum_of_day(3), *snapshot);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::timeout);
}

TEST_F(RemoteScanTest, Run_QueryOfSeveralRanges_ReadsThemInParallel) {
  const auto file = upload(sorted_parquet());
  sum_shape_ = sum_shape();
  const auto snapshot = open({file});
  ASSERT_TRUE(snapshot);
  // The first read returns only after a second one has begun.
  std::mutex mutex;
  std::condition_variable changed;
  int at_once = 0;
  bool met = false;
  store_->before_read([&](const auto&) {
    std::unique_lock lock(mutex);
    if (++at_once >= 2) met = true;
    changed.notify_all();
    changed.wait(lock, [&] { return met; });
    --at_once;
    return Result<void>();
  });
  EXPECT_TRUE(run(everything(), *snapshot));
  EXPECT_TRUE(met);
}

TEST_F(RemoteScanTest, Scan_FileDiffersFromTheManifest_IsRejected) {
  auto file = upload(sorted_parquet());
  file.declared.size_bytes = 7;
  auto refused = open({file});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, ErrorCode::rejected);
  EXPECT_THAT(to_text(refused.error().findings), HasSubstr("size_mismatch"));
  file.declared.size_bytes.reset();
  file.declared.row_count = 5;
  refused = open({file});
  ASSERT_FALSE(refused);
  EXPECT_THAT(to_text(refused.error().findings),
              HasSubstr("The file has 409600 rows, but the manifest declares 5"));
  file.declared.row_count.reset();
  std::vector<catalog::Column> columns = dataset_.schema;
  columns[0].type = ColumnType::boolean;
  dataset_.schema = std::move(columns);
  refused = open({file});
  ASSERT_FALSE(refused);
  EXPECT_THAT(to_text(refused.error().findings), HasSubstr("Column day has the type INTEGER in the file"));
  file.location = "s3://bucket/none?X-Amz-Signature=secret";
  file.declared.path = file.location;
  refused = open({file});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().findings.empty());
  EXPECT_EQ(refused.error().error.code, ErrorCode::not_found);
  EXPECT_THAT(refused.error().error.message, HasSubstr("s3://bucket/none cannot be read"));
}

TEST_F(RemoteScanTest, Scan_RemoteFileWithoutAStore_IsUnavailable) {
  store_ = nullptr;
  reopen();
  dataset_.schema = {{"n", ColumnType::bigint}};
  ResolvedFile file{"s3://bucket/x.parquet", true, {"x.parquet", FileFormat::parquet, {}, {}}};
  const auto opened = open({file});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().error.code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace offloader::local_executor
