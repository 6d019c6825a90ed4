#include "offloader/object_store/content_encoding.h"

#include "offloader/transport/testing/fake_server.h"
#include "store_fixture.h"

// Objects with a Content-Encoding are either read as stored or rejected, and never misread.
namespace offloader::object_store {
namespace {

using ::testing::HasSubstr;

TEST(ContentEncoding, FitsName_EachEncoding_OnlyWithTheMatchingSuffix) {
  for (const auto& [encoding, url] :
       std::vector<std::pair<std::string, std::string>>{{"", "s3://b/a.csv"},
                                                        {"identity", "s3://b/a.parquet"},
                                                        {"aws-chunked", "s3://b/a.parquet"},
                                                        {"gzip", "s3://b/a.csv.gz"},
                                                        {"GZIP, aws-chunked", "s3://b/a.csv.gz"},
                                                        {"x-gzip", "https://h/a.csv.gz?token=x"},
                                                        {"gzip", "HTTPS://h/a.csv.gz?token=x"},
                                                        {"zstd", "gs://b/a.csv.zst"}}) {
    EXPECT_TRUE(encoding_fits_name(encoding, url)) << encoding << " " << url;
  }
  for (const auto& [encoding, url] :
       std::vector<std::pair<std::string, std::string>>{{"gzip", "s3://b/a.csv"},
                                                        {"gzip", "s3://b/a.parquet"},
                                                        {"gzip", "https://h/a.csv?x=a.gz"},
                                                        {"gzip", "Http://h/a.csv?x=a.gz"},
                                                        {"zstd", "s3://b/a.csv.gz"},
                                                        {"gzip, br", "s3://b/a.csv.gz"},
                                                        {"br", "s3://b/a.csv"}}) {
    EXPECT_FALSE(encoding_fits_name(encoding, url)) << encoding << " " << url;
  }
}

class EncodedObjects : public ::testing::Test {
 protected:
  transport::testing::Answer answer(const transport::testing::Request& request) {
    requests_.push_back(request);
    transport::testing::Answer out = transport::testing::text_answer(200, bytes_);
    out.headers.emplace_back("ETag", "\"v1\"");
    if (!encoding_.empty()) out.headers.emplace_back("Content-Encoding", encoding_);
    unsigned long first = 0, last = 0;
    if (std::sscanf(request.header("range").c_str(), "bytes=%lu-%lu", &first, &last) == 2) {
      out.status = 206;
      out.offset = first;
      out.length = last - first + 1;
      out.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                    std::to_string(last) + "/" +
                                                    std::to_string(bytes_.size()));
    }
    return out;
  }
  std::string bytes_ = some_bytes(1000, 3);
  std::string encoding_;
  std::vector<transport::testing::Request> requests_;
  transport::testing::FakeServer server_{
      [this](const transport::testing::Request& request) { return answer(request); }};
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_ = make_object_store(test_options(), *telemetry_);
};

TEST_F(EncodedObjects, Get_EncodedOverHttp_IsRejectedUnlessTheNameFits) {
  const std::string url = server_.url() + "/a.csv";
  const auto plain = store_->stat(url, {});
  ASSERT_THAT(plain, Succeeds());
  EXPECT_EQ(plain->encoding, "");
  ASSERT_THAT(store_->get(url, 10000, {}), Succeeds());
  encoding_ = "gzip";
  const auto info = store_->stat(url, {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->encoding, "gzip");
  const auto whole = store_->get(url, 10000, {});
  ASSERT_THAT(whole, FailsWith(ErrorCode::rejected));
  EXPECT_THAT(whole.error().message, HasSubstr("Content-Encoding"));
  std::string part(10, '\0');
  EXPECT_THAT(store_->read(url, {0, 10}, part.data(), "v1", {}), FailsWith(ErrorCode::unavailable));
  // The name promises gzip, so the bytes are the expected ones.
  const std::string zipped = server_.url() + "/a.csv.gz";
  EXPECT_THAT(store_->get(zipped, 10000, {}), Succeeds());
  ASSERT_THAT(store_->read(zipped, {5, 10}, part.data(), "v1", {}), Succeeds());
  EXPECT_EQ(part, bytes_.substr(5, 10));
  for (const auto& request : requests_)
    EXPECT_EQ(request.header("accept-encoding"), "identity")
        << request.method << " " << request.header("range");
}

TEST_F(EncodedObjects, Get_EncodedInBucket_IsReportedByStatAndRejected) {
  StoreOptions options = test_options();
  options.s3.endpoint = server_.url();
  options.s3.url_style = "path";
  options.s3.key_id = "key";
  options.s3.secret = "secret";
  const auto s3 = make_object_store(options, *telemetry_);
  encoding_ = "gzip";
  const auto info = s3->stat("s3://lake/a.csv", {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->encoding, "gzip");
  EXPECT_THAT(s3->get("s3://lake/a.csv", 10000, {}), FailsWith(ErrorCode::rejected));
  std::string part(10, '\0');
  EXPECT_THAT(s3->read("s3://lake/a.csv", {0, 10}, part.data(), "v1", {}), FailsWith(ErrorCode::unavailable));
  EXPECT_THAT(s3->read("s3://lake/a.csv.gz", {0, 10}, part.data(), "v1", {}), Succeeds());
}

}  // namespace
}  // namespace offloader::object_store
