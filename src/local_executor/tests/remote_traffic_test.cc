#include <gmock/gmock.h>

#include <cstdlib>
#include <sstream>

#include "local_scene.h"
#include "offloader/object_store/store_options.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/object_store/testing/fake_s3.h"

// The requests and bytes that remote files take, counted by a fake S3 that checks every signature.
namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;
namespace fakes = object_store::testing;

bool soak() {
  return std::getenv("OFFLOADER_SOAK") != nullptr;
}

class RemoteTrafficTest : public LocalScene {
 protected:
  RemoteTrafficTest() : keys_(book_.add_keys("AKIDTRAFFIC", "a secret")), s3_(contents_, book_) {
    object_store::StoreOptions options;
    options.s3.key_id = keys_.key_id;
    options.s3.secret = keys_.secret;
    options.s3.endpoint = s3_.endpoint();
    store_ = object_store::make_object_store(options, *counted_);
    reopen();
  }
  ~RemoteTrafficTest() override { executor_.reset(); }
  void reopen() {
    executor_.reset();
    executor_ = std::move(*open_local_executor(options_, telemetry_, store_));
  }

  ResolvedFile upload(const std::string& name, FileFormat format) {
    std::ifstream in(root_ / name, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    contents_.put("bucket", name, bytes.str());
    return {"s3://bucket/" + name, true, {name, format, {}, {}}};
  }
  tl::expected<std::shared_ptr<const executor::Snapshot>, executor::Refused> open(
      const std::vector<ResolvedFile>& files) {
    return scan(request(files, std::nullopt).source.manifest, files, {{"s3://bucket"}, {}});
  }
  // The bytes of all response bodies since the log was cleared.
  std::uint64_t bytes() { return s3_.server().bytes_sent(); }
  // The number of requests since then that read up to the last byte of a file, where the footer is.
  std::size_t footers(std::uint64_t size) {
    std::size_t count = 0;
    for (const auto& seen : s3_.server().seen()) {
      const auto dash = seen.range.rfind('-');
      if (dash != std::string::npos && seen.range.substr(dash + 1) == std::to_string(size - 1)) ++count;
    }
    return count;
  }

  const std::unique_ptr<telemetry::Telemetry> counted_ = telemetry::make_silent_telemetry();
  fakes::BucketContents contents_;
  credentials::testing::CredentialBook book_;
  credentials::testing::IssuedKeys keys_;
  fakes::FakeS3 s3_;
  std::shared_ptr<object_store::ObjectStore> store_;
};

TEST_F(RemoteTrafficTest, Run_SelectiveQuery_ReadsUnderFivePercentAndNoFooter) {
  // Twenty row groups, sorted by day. The file has 200 MB under `make soak`, and otherwise a twentieth of it.
  const int rows_per_group = soak() ? 122880 : 6144;
  dataset_.schema = {
      {"day", ColumnType::integer}, {"amount", ColumnType::bigint}, {"note", ColumnType::varchar}};
  sql("COPY (SELECT (i // " + std::to_string(rows_per_group) +
      ")::INTEGER AS day, i::BIGINT AS amount, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) || md5((i + "
      "2)::VARCHAR) AS "
      "note FROM range(" +
      std::to_string(20 * rows_per_group) + ") r(i)) TO '" + (root_ / "sorted.parquet").string() +
      "' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE " + std::to_string(rows_per_group) + ")");
  const auto size = std::filesystem::file_size(root_ / "sorted.parquet");
  const auto file = upload("sorted.parquet", FileFormat::parquet);
  const auto snapshot = open({file});
  ASSERT_TRUE(snapshot) << snapshot.error().error.detail << to_text(snapshot.error().findings);
  EXPECT_EQ(footers(size), 1U);
  const auto opened = bytes();

  auto shape = std::make_shared<query::PlanShape>();
  shape->id = next_shape();
  shape->schema = dataset_.schema;
  shape->projections = {{"total", 1, ColumnType::bigint, catalog::Aggregate::sum}};
  shape->conditions = {{0, ColumnType::integer, query::Comparison::eq}};
  shape->aggregated = true;
  query::Plan plan;
  plan.shape = shape;
  plan.columns = {0};
  plan.limit = 10;
  for (const std::int64_t day : {7, 12}) {
    s3_.server().clear_log();
    plan.values = {day};
    const auto rows = run(plan, *snapshot);
    ASSERT_TRUE(rows) << rows.error().detail;
    const std::int64_t first = day * rows_per_group;
    const std::int64_t total =
        rows_per_group * first + std::int64_t{rows_per_group} * (rows_per_group - 1) / 2;
    EXPECT_EQ(rows->json, "[{\"total\":" + std::to_string(total) + "}]");
    std::cout << "day " << day << ": " << s3_.server().count() << " requests, " << bytes() << " of " << size
              << " bytes (" << 100.0 * static_cast<double>(bytes()) / static_cast<double>(size) << " %)\n";
    EXPECT_EQ(s3_.server().count("HEAD"), 0U);
    EXPECT_EQ(footers(size), 0U);
    EXPECT_GT(bytes(), 0U);
    EXPECT_LT(bytes() + (day == 7 ? opened : 0), size / 20);
  }
}

TEST_F(RemoteTrafficTest, Materialize_FileLargerThanMemory_IsStreamed) {
  // A third of the limit is for builds.
  options_.memory_limit = soak() ? 768ULL << 20 : 600ULL << 20;
  options_.threads = 1;
  reopen();
  const int rows = soak() ? 6'000'000 : 200'000;
  dataset_.schema = {{"n", ColumnType::bigint}, {"note", ColumnType::varchar}};
  for (const auto* const name : {"large.csv", "large.csv.gz"}) {
    sql("COPY (SELECT i AS n, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS note FROM range(" +
        std::to_string(rows) + ") r(i)) TO '" + (root_ / name).string() + "' (HEADER)");
    const auto file = upload(name, FileFormat::csv);
    std::filesystem::remove(root_ / name);
    auto request = this->request({file}, rows);
    request.source.policy = {{"s3://bucket"}, {}};
    const auto built = executor_->materialize(request);
    ASSERT_TRUE(built) << built.error().error.message << built.error().error.detail
                       << to_text(built.error().findings);
    EXPECT_EQ(built->rows, rows);
    std::filesystem::remove(files().database());
    // The file is fetched in large blocks, not in the 32 KB pieces that a decompressor reads.
    EXPECT_LT(s3_.server().count("GET"), 200U);
    s3_.server().clear_log();
  }
}

TEST_F(RemoteTrafficTest, Materialize_TransientFaults_AreRetried) {
  dataset_.schema = {{"n", ColumnType::bigint}, {"note", ColumnType::varchar}};
  sql("COPY (SELECT i AS n, md5(i::VARCHAR) AS note FROM range(50000) r(i)) TO '" +
      (root_ / "a.parquet").string() + "' (FORMAT parquet, ROW_GROUP_SIZE 10000)");
  const auto file = upload("a.parquet", FileFormat::parquet);
  auto request = this->request({file}, 50000);
  request.source.policy = {{"s3://bucket"}, {}};
  const auto sound = executor_->materialize(request);
  ASSERT_TRUE(sound) << sound.error().error.detail << to_text(sound.error().findings);
  std::filesystem::remove(files().database());

  transport::testing::Fault reset;
  reset.reset_after = 1000;
  transport::testing::Fault cut;
  cut.close_after = 2000;
  transport::testing::Fault short_body;
  short_body.shorten_to = 10;
  transport::testing::Fault drop;
  drop.drop = true;
  for (const auto& fault : {transport::testing::status_fault(503, "0"),
                            transport::testing::status_fault(429, "0"), reset, cut, short_body, drop}) {
    s3_.server().inject({"GET", "a.parquet", 0, 2, fault});
    const auto built = executor_->materialize(request);
    ASSERT_TRUE(built) << built.error().error.message << built.error().error.detail;
    EXPECT_EQ(built->fingerprint, sound->fingerprint);
    std::filesystem::remove(files().database());
    s3_.server().clear_faults();
  }

  // If the fault persists, the build fails without findings, leaves no file, and reveals no secret.
  s3_.server().inject({"GET", "a.parquet", 1, -1, transport::testing::status_fault(403)});
  const auto refused = executor_->materialize(request);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().findings.empty()) << to_text(refused.error().findings);
  EXPECT_EQ(refused.error().error.code, ErrorCode::unavailable);
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
  for (const auto& secret : book_.secrets()) {
    EXPECT_EQ((refused.error().error.message + refused.error().error.detail).find(secret), std::string::npos);
  }
}

TEST_F(RemoteTrafficTest, Materialize_ObjectReplacedMeanwhile_FailsAsChanged) {
  dataset_.schema = {{"n", ColumnType::bigint}, {"note", ColumnType::varchar}};
  sql("COPY (SELECT i AS n, md5(i::VARCHAR) AS note FROM range(50000) r(i)) TO '" +
      (root_ / "a.parquet").string() + "' (FORMAT parquet, ROW_GROUP_SIZE 10000)");
  const auto file = upload("a.parquet", FileFormat::parquet);
  // Replaces the object after its metadata and footer are read, before the first row group is.
  transport::testing::Fault replace;
  replace.before = [&] { contents_.put("bucket", "a.parquet", std::string(2'000'000, 'x')); };
  s3_.server().inject({"GET", "a.parquet", 1, 1, replace});
  auto request = this->request({file}, 50000);
  request.source.policy = {{"s3://bucket"}, {}};
  const auto built = executor_->materialize(request);
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().error.code, ErrorCode::changed) << built.error().error.detail;
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
}

TEST_F(RemoteTrafficTest, Scan_OriginNotAllowed_SendsNoRequest) {
  dataset_.schema = {{"n", ColumnType::bigint}};
  contents_.put("other", "a.parquet", "no matter");
  const std::vector<ResolvedFile> files{
      {"s3://other/a.parquet", true, {"s3://other/a.parquet", FileFormat::parquet, {}, {}}}};
  const auto opened = open(files);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().error.code, ErrorCode::rejected);
  EXPECT_THAT(to_text(opened.error().findings), ::testing::HasSubstr("origin_not_allowed"));
  EXPECT_EQ(s3_.server().count(), 0U);
}

}  // namespace
}  // namespace offloader::local_executor
