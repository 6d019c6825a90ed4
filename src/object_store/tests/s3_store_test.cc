#include <algorithm>

#include "offloader/object_store/testing/fake_s3.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class S3StoreTest : public ::testing::Test {
 protected:
  S3StoreTest() {
    options_.s3.endpoint = fake_.endpoint();
    options_.s3.key_id = keys_.key_id;
    options_.s3.secret = keys_.secret;
  }

  ObjectStore& store() {
    if (!store_) store_ = make_object_store(options_, *telemetry_);
    return *store_;
  }

  testing::BucketContents contents_;
  credentials::testing::CredentialBook book_;
  credentials::testing::IssuedKeys keys_ = book_.add_keys("AKIDEXAMPLE", "secret/of+the=user");
  testing::FakeS3 fake_{contents_, book_};
  StoreOptions options_ = test_options();
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(S3StoreTest, Read_ExistingObject_ReturnsWholeOrRange) {
  const std::string bytes = some_bytes(300000, 1);
  contents_.put("lake", "a/b.parquet", bytes);
  const auto info = store().stat("s3://lake/a/b.parquet", {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->url, "s3://lake/a/b.parquet");
  EXPECT_EQ(info->size, bytes.size());
  EXPECT_EQ(info->tag, contents_.find("lake", "a/b.parquet")->etag);
  const auto whole = store().get("s3://lake/a/b.parquet", 1 << 20, {});
  ASSERT_THAT(whole, Succeeds());
  EXPECT_EQ(*whole, bytes);
  std::string part(1000, '\0');
  ASSERT_THAT(store().read("s3://lake/a/b.parquet", {1234, 1000}, part.data(), info->tag, {}), Succeeds());
  EXPECT_EQ(part, bytes.substr(1234, 1000));
}

TEST_F(S3StoreTest, Get_UnusualKeys_AreSignedAndListedUnchanged) {
  std::vector<std::string> keys = {"a b",   "a+b",     "a%20b",     "a%b",     "ünïcode/日本", "back\\slash",
                                   "x/..y", "x//y",    "q?r#s",     "amp&eq=", "quote\"'",     "tilde~*()!",
                                   ".dot",  "angle<>", "new\nline", " "};
  for (const std::string& key : keys) contents_.put("odd", key, "bytes of " + key);
  std::vector<std::string> urls;
  for (const std::string& key : keys) {
    const auto got = store().get("s3://odd/" + key, 1000, {});
    ASSERT_THAT(got, Succeeds()) << key;
    EXPECT_EQ(*got, "bytes of " + key);
    urls.push_back("s3://odd/" + key);
  }
  std::sort(urls.begin(), urls.end());
  const auto listed = store().list("s3://odd/", 1000, {});
  ASSERT_THAT(listed, Succeeds());
  std::vector<std::string> found;
  for (const ObjectInfo& info : *listed) found.push_back(info.url);
  EXPECT_EQ(found, urls);
  const auto below = store().list("s3://odd/a%", 1000, {});
  ASSERT_THAT(below, Succeeds());
  EXPECT_EQ(below->size(), 2U);
  // Some characters cannot be written in XML.
  EXPECT_EQ(fake_.server().count("GET", "encoding-type=url"), 2U);
}

TEST_F(S3StoreTest, List_2500Keys_ReadsAllPagesInOrder) {
  for (int i = 0; i < 2500; ++i) contents_.put("lake", "part-" + std::to_string(i) + " +%", "x");
  contents_.put("lake", "other/x", "x");
  const auto listed = store().list("s3://lake/part-", 10000, {});
  ASSERT_THAT(listed, Succeeds());
  EXPECT_EQ(listed->size(), 2500U);
  EXPECT_TRUE(std::is_sorted(listed->begin(), listed->end(),
                             [](const ObjectInfo& a, const ObjectInfo& b) { return a.url < b.url; }));
  EXPECT_EQ(fake_.server().count("GET", "list-type=2"), 3U);
  // A listing reports the same tag as stat().
  const auto info = store().stat(listed->front().url, {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->tag, listed->front().tag);
  EXPECT_THAT(store().list("s3://lake/part-", 2499, {}), FailsWith(ErrorCode::too_large));
}

TEST_F(S3StoreTest, List_StoreRepeatsAPage_IsUnavailable) {
  contents_.put("lake", "a", "x");
  transport::testing::Fault fault;
  fault.instead = transport::testing::text_answer(
      200,
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t"
      "</NextContinuationToken></ListBucketResult>");
  fake_.server().inject({.method = "GET", .path_contains = "list-type", .times = -1, .fault = fault});
  EXPECT_THAT(store().list("s3://lake/", 100, {}), FailsWith(ErrorCode::unavailable));
}

TEST_F(S3StoreTest, Get_MissingOrTooLarge_FailsWithThatCode) {
  contents_.put("lake", "big", std::string(1000, 'x'));
  EXPECT_THAT(store().stat("s3://lake/none", {}), FailsWith(ErrorCode::not_found));
  EXPECT_THAT(store().get("s3://lake/none", 10, {}), FailsWith(ErrorCode::not_found));
  EXPECT_THAT(store().get("s3://nobucket/none", 10, {}), FailsWith(ErrorCode::not_found));
  EXPECT_THAT(store().list("s3://nobucket/", 10, {}), FailsWith(ErrorCode::not_found));
  EXPECT_THAT(store().get("s3://lake/big", 999, {}), FailsWith(ErrorCode::too_large));
  EXPECT_THAT(store().get("s3://lake/big", 1000, {}), Succeeds());
}

TEST_F(S3StoreTest, ReadMany_NearAndFarRanges_MergesOrRunsInParallel) {
  const std::string bytes = some_bytes(40 << 20, 2);
  contents_.put("lake", "big", bytes);
  fake_.server().set_latency(std::chrono::milliseconds(30));
  std::string a(1000, '\0'), b(1000, '\0'), c(12 << 20, '\0'), d(5000, '\0'), overlap(4000, '\0');
  const std::vector<ObjectStore::RangeRead> reads = {{{30 << 20, d.size()}, d.data()},
                                                     {{0, a.size()}, a.data()},
                                                     {{50000, b.size()}, b.data()},
                                                     {{10 << 20, c.size()}, c.data()},
                                                     {{(30 << 20) + 1000, overlap.size()}, overlap.data()},
                                                     {{7, 0}, nullptr}};
  ASSERT_THAT(store().read_many("s3://lake/big", reads, "", {}), Succeeds());
  EXPECT_EQ(a, bytes.substr(0, a.size()));
  EXPECT_EQ(b, bytes.substr(50000, b.size()));
  EXPECT_EQ(c, bytes.substr(10 << 20, c.size()));
  EXPECT_EQ(d, bytes.substr(30 << 20, d.size()));
  EXPECT_EQ(overlap, bytes.substr((30 << 20) + 1000, overlap.size()));
  // One request for the first two, two of at most 8 MiB for the 12 MiB, and one each for the two that
  // overlap.
  EXPECT_EQ(fake_.server().count("GET"), 5U);
  EXPECT_GE(fake_.server().most_at_once(), 2U);
}

TEST_F(S3StoreTest, Get_Repeated_ReusesTheConnection) {
  contents_.put("lake", "a", "x");
  for (int i = 0; i < 20; ++i) ASSERT_THAT(store().get("s3://lake/a", 10, {}), Succeeds());
  EXPECT_EQ(fake_.server().connections(), 1U);
}

TEST_F(S3StoreTest, Read_ObjectReplacedBetweenRanges_IsChanged) {
  const std::string before = some_bytes(1000, 3);
  contents_.put("lake", "a", before);
  const auto info = store().stat("s3://lake/a", {});
  std::string part(500, '\0');
  ASSERT_THAT(store().read("s3://lake/a", {0, 500}, part.data(), info->tag, {}), Succeeds());
  contents_.put("lake", "a", some_bytes(1000, 4));
  EXPECT_THAT(store().read("s3://lake/a", {500, 500}, part.data(), info->tag, {}),
              FailsWith(ErrorCode::changed));
  contents_.put("lake", "a", "short");
  EXPECT_THAT(store().read("s3://lake/a", {500, 500}, part.data(), info->tag, {}),
              FailsWith(ErrorCode::changed));
}

TEST_F(S3StoreTest, Read_StoreIgnoresIfMatch_IsChangedByTheAnswersTag) {
  contents_.put("lake", "a", some_bytes(1000, 3));
  transport::testing::Fault fault;
  fault.instead = transport::testing::text_answer(206, std::string(10, 'z'));
  fault.instead->headers.emplace_back("Content-Range", "bytes 0-9/1000");
  fault.instead->headers.emplace_back("ETag", "\"another\"");
  fake_.server().inject({.fault = fault});
  std::string part(10, '\0');
  EXPECT_THAT(store().read("s3://lake/a", {0, 10}, part.data(), contents_.find("lake", "a")->etag, {}),
              FailsWith(ErrorCode::changed));
}

TEST_F(S3StoreTest, Read_AnswerWithAnotherRange_IsUnavailable) {
  contents_.put("lake", "a", some_bytes(1000, 3));
  transport::testing::Fault fault;
  fault.instead = transport::testing::text_answer(206, std::string(10, 'z'));
  fault.instead->headers.emplace_back("Content-Range", "bytes 5-14/1000");
  fake_.server().inject({.times = -1, .fault = fault});
  std::string part(10, '\0');
  EXPECT_THAT(store().read("s3://lake/a", {0, 10}, part.data(), "", {}), FailsWith(ErrorCode::unavailable));
}

TEST_F(S3StoreTest, Get_VirtualHostStyle_NamesTheBucketInTheHost) {
  options_.s3.endpoint = "http://localhost:" + std::to_string(fake_.server().port());
  options_.s3.url_style = "vhost";
  contents_.put("lake", "a b/c", "hosted");
  const auto got = store().get("s3://lake/a b/c", 100, {});
  ASSERT_THAT(got, Succeeds());
  EXPECT_EQ(*got, "hosted");
  EXPECT_EQ(fake_.server().seen().front().path, "/a%20b/c");
  EXPECT_THAT(store().list("s3://lake/", 10, {}), Succeeds());
}

TEST_F(S3StoreTest, Get_OtherRegion_IsSignedForIt) {
  testing::FakeS3 frankfurt(contents_, book_, {.region = "eu-central-1"});
  contents_.put("lake", "a", "x");
  options_.s3.endpoint = frankfurt.endpoint();
  options_.s3.region = "eu-central-1";
  EXPECT_THAT(store().get("s3://lake/a", 10, {}), Succeeds());
}

TEST_F(S3StoreTest, Get_WrongKeys_IsUnauthorizedOnceWithoutLeakingThem) {
  contents_.put("lake", "a", "x");
  options_.s3.secret = "wrong/secret+of=mine";
  const auto got = store().get("s3://lake/a", 10, {});
  ASSERT_THAT(got, FailsWith(ErrorCode::unauthorized));
  EXPECT_EQ(fake_.server().count(), 1U);
  EXPECT_THAT(told(got.error()), HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(told(got.error()), Not(HasSubstr("wrong/secret")));
  EXPECT_THAT(told(got.error()), Not(HasSubstr("Signature=")));
  EXPECT_THAT(told(got.error()), Not(HasSubstr("Credential=")));
}

TEST_F(S3StoreTest, Metrics_Requests_AreCountedByOperationAndCode) {
  contents_.put("lake", "a", std::string(1000, 'x'));
  ASSERT_THAT(store().get("s3://lake/a", 1000, {}), Succeeds());
  static_cast<void>(store().stat("s3://lake/none", {}));
  fake_.server().inject({.fault = transport::testing::status_fault(503)});
  ASSERT_THAT(store().get("s3://lake/a", 1000, {}), Succeeds());
  std::string part(10, '\0');
  ASSERT_THAT(store().read("s3://lake/a", {0, 10}, part.data(), "", {}), Succeeds());
  const std::string text = telemetry_->metrics().exposition();
  const auto line = [&](const char* operation, const char* code, int count) {
    // The registry decides the order of the labels.
    for (std::size_t at = 0;
         (at = text.find("offloader_object_store_requests_total{", at)) != std::string::npos; ++at) {
      const std::string one = text.substr(at, text.find('\n', at) - at);
      if (one.find("store=\"s3\"") != std::string::npos &&
          one.find("operation=\"" + std::string(operation) + "\"") != std::string::npos &&
          one.find("code=\"" + std::string(code) + "\"") != std::string::npos) {
        return one.ends_with(" " + std::to_string(count));
      }
    }
    return false;
  };
  EXPECT_TRUE(line("get", "200", 2)) << text;
  EXPECT_TRUE(line("get", "503", 1)) << text;
  EXPECT_TRUE(line("stat", "404", 1)) << text;
  EXPECT_TRUE(line("read", "206", 1)) << text;
  EXPECT_THAT(text, HasSubstr("offloader_object_store_bytes_total{store=\"s3\"} 2016"));
}

TEST_F(S3StoreTest, Get_BandwidthAndLatency_TakesAtLeastThatLong) {
  // Checks only that bandwidth and latency take effect; benchmarks measure speed.
  contents_.put("lake", "a", some_bytes(4 << 20, 5));
  fake_.server().set_bandwidth(50 << 20);
  fake_.server().set_latency(std::chrono::milliseconds(30));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_THAT(store().get("s3://lake/a", 4 << 20, {}), Succeeds());
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(30 + 70));
}

}  // namespace
}  // namespace offloader::object_store
