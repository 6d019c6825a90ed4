// How the API port handles Origin and Accept-Encoding (consumer-api.md, "CORS" and "Caching"), on every kind
// of answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"
#include "two_tenants.h"

namespace offloader::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using two_tenants::kZebra;

const std::string kOrders = "/v1/endpoints/orders";
constexpr const char* kAllowed = "https://app.example.com";
constexpr const char* kOther = "https://b.example.com:8443";

std::string header(const Answer& answer, const std::string& name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? "" : found->second;
}

std::string cors_headers(const Answer& answer) {
  std::string out;
  for (const auto& [name, value] : answer.headers) {
    if (name.starts_with("access-control-")) out += name + ": " + value + "\n";
  }
  return out;
}

class Scene : public ::testing::Test {
 protected:
  void start(std::vector<std::string> cors_origins = {}) {
    two_tenants::write(folder_.path() / "project");
    server_ = std::make_unique<TestServer>(folder_.path() / "project", folder_.path() / "cache",
                                           TestServerOptions{.cors_origins = std::move(cors_origins)});
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
    client_ = std::make_unique<HttpClient>(server_->api_port());
  }

  // Returns one answer of each kind that this port gives, and checks its status.
  std::vector<Answer> every_kind(const std::vector<std::string>& origin) {
    std::vector<Answer> out;
    const auto ask = [&](int status, const std::string& method, const std::string& target,
                         std::vector<std::string> headers) {
      headers.insert(headers.end(), origin.begin(), origin.end());
      out.push_back(client_->send(method, target, headers));
      EXPECT_EQ(out.back().status, status) << method << " " << target << out.back().body;
    };
    ask(200, "GET", kOrders, {kZebra});
    ask(304, "GET", kOrders, {kZebra, "if-none-match: " + header(out.back(), "etag")});
    ask(200, "HEAD", kOrders, {kZebra});
    ask(401, "GET", kOrders, {});
    ask(404, "GET", "/v1/endpoints/nobody", {kZebra});
    ask(404, "GET", "/elsewhere", {});
    ask(405, "DELETE", kOrders, {kZebra});
    ask(422, "GET", kOrders + "?limit=0", {kZebra});
    ask(200, "GET", "/healthz", {});
    ask(204, "OPTIONS", kOrders, {});
    ask(414, "GET", kOrders + "?text=" + std::string(9000, 'x'), {kZebra});
    return out;
  }
  Answer preflight(const std::string& origin, const std::string& target = kOrders) {
    return client_->send("OPTIONS", target,
                         {"origin: " + origin, "access-control-request-method: GET",
                          "access-control-request-headers: authorization"});
  }

  TemporaryFolder folder_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<HttpClient> client_;
};

class CorsOverHttp : public Scene {};

TEST_F(CorsOverHttp, Cors_Unset_SendsNoHeaders) {
  start();
  for (const Answer& answer : every_kind({std::string("origin: ") + kAllowed})) {
    EXPECT_EQ(cors_headers(answer), "") << answer.status;
    EXPECT_THAT(header(answer, "vary"), Not(HasSubstr("Origin")));
  }
  const Answer answer = preflight(kAllowed);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(cors_headers(answer), "");
  EXPECT_EQ(header(answer, "allow"), "GET, HEAD, POST, OPTIONS");
}

TEST_F(CorsOverHttp, Cors_Star_IsOnEveryResponseWithoutCredentials) {
  start({"*"});
  for (const auto& origin :
       {std::vector<std::string>{std::string("origin: ") + kAllowed}, std::vector<std::string>{}}) {
    for (const Answer& answer : every_kind(origin)) {
      EXPECT_EQ(header(answer, "access-control-allow-origin"), "*") << answer.status;
      EXPECT_EQ(header(answer, "access-control-allow-credentials"), "") << answer.status;
      EXPECT_EQ(header(answer, "access-control-expose-headers"),
                "etag, x-request-id, retry-after, link, content-disposition, ratelimit, ratelimit-policy, "
                "offloader-snapshot, "
                "offloader-watermark, offloader-stale, offloader-has-more");
      EXPECT_THAT(header(answer, "vary"), Not(HasSubstr("Origin"))) << answer.status;
    }
  }
  EXPECT_EQ(header(preflight(kAllowed), "access-control-allow-origin"), "*");
}

TEST_F(CorsOverHttp, Cors_ListedOrigin_IsEchoedWithCredentialsAndVary) {
  start({kAllowed, kOther});
  for (const char* const origin : {kAllowed, kOther}) {
    const auto answers = every_kind({std::string("origin: ") + origin});
    for (std::size_t i = 0; i < answers.size(); ++i) {
      EXPECT_THAT(header(answers[i], "vary"), HasSubstr("Origin")) << answers[i].status;
      if (answers[i].status == 414) continue;  // rejected before its headers were read
      EXPECT_EQ(header(answers[i], "access-control-allow-origin"), origin) << answers[i].status;
      EXPECT_EQ(header(answers[i], "access-control-allow-credentials"), "true");
      EXPECT_EQ(header(answers[i], "access-control-expose-headers"),
                "etag, x-request-id, retry-after, link, content-disposition, ratelimit, ratelimit-policy, "
                "offloader-snapshot, "
                "offloader-watermark, offloader-stale, offloader-has-more");
    }
  }
}

TEST_F(CorsOverHttp, Cors_UnlistedOrigin_GetsOnlyVary) {
  start({kAllowed, kOther});
  for (const char* const origin :
       {"https://evil.example", "https://app.example.com.evil.example", "http://app.example.com",
        "https://app.example.com:443", "https://APP.example.com", "null", "*", "",
        "https://app.example.com https://evil.example"}) {
    SCOPED_TRACE(origin);
    for (const Answer& answer : every_kind({std::string("origin: ") + origin})) {
      EXPECT_EQ(cors_headers(answer), "") << answer.status;
      EXPECT_THAT(header(answer, "vary"), HasSubstr("Origin")) << answer.status;
    }
    const Answer refused = preflight(origin);
    EXPECT_EQ(refused.status, 204);
    EXPECT_EQ(cors_headers(refused), "");
    EXPECT_THAT(header(refused, "vary"), HasSubstr("Origin"));
  }
  for (const Answer& answer : every_kind({})) {
    EXPECT_EQ(cors_headers(answer), "") << answer.status;
    EXPECT_THAT(header(answer, "vary"), HasSubstr("Origin")) << answer.status;
  }
}

TEST_F(CorsOverHttp, Preflight_NoKey_IsAnswered) {
  start({kAllowed});
  for (const std::string& target : {kOrders, std::string("/v1/endpoints/nobody"), std::string("/healthz")}) {
    const Answer answer = preflight(kAllowed, target);
    EXPECT_EQ(answer.status, 204) << target;
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(cors_headers(answer),
              "access-control-allow-credentials: true\n"
              "access-control-allow-headers: authorization, content-type, if-none-match, x-request-id\n"
              "access-control-allow-methods: GET, HEAD, POST, OPTIONS\n"
              "access-control-allow-origin: https://app.example.com\n"
              "access-control-max-age: 600\n");
    EXPECT_EQ(header(answer, "allow"),
              target == "/healthz" ? "GET, HEAD, OPTIONS" : "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(header(answer, "vary"), "Origin");
  }
  // Whether there is a valid key makes no difference.
  EXPECT_EQ(cors_headers(client_->send("OPTIONS", kOrders,
                                       {std::string("origin: ") + kAllowed, "authorization: Bearer nobody",
                                        "access-control-request-method: GET"})),
            cors_headers(preflight(kAllowed)));
}

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U) << "one member, and nothing behind it";
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string unzstd(const std::string& bytes) {
  EXPECT_EQ(ZSTD_findFrameCompressedSize(bytes.data(), bytes.size()), bytes.size()) << "one frame";
  std::string out(1 << 20, '\0');
  const std::size_t size = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  EXPECT_FALSE(ZSTD_isError(size)) << ZSTD_getErrorName(size);
  out.resize(ZSTD_isError(size) ? 0 : size);
  return out;
}

std::string decoded(const Answer& answer) {
  const std::string coding = header(answer, "content-encoding");
  if (coding == "gzip") return gunzip(answer.body);
  if (coding == "zstd") return unzstd(answer.body);
  EXPECT_EQ(coding, "");
  return answer.body;
}

std::string data_of(const Answer& answer) {
  const std::string body = decoded(answer);
  return body.substr(0, body.rfind(",\"meta\":"));
}

class CompressionOverHttp : public Scene {
 protected:
  CompressionOverHttp() { start(); }
  Answer ask(const std::string& target, const std::string& accept, const std::string& method = "GET") {
    std::vector<std::string> headers = {kZebra, "x-request-id: same"};
    if (accept != "none") headers.push_back("accept-encoding: " + accept);
    return client_->send(method, target, headers);
  }
};

TEST_F(CompressionOverHttp, AcceptEncoding_SeveralQualities_PicksTheHighest) {
  const std::pair<const char*, const char*> cases[] = {
      {"none", ""},
      {"", ""},
      {"gzip", "gzip"},
      {"zstd", "zstd"},
      {"x-gzip", "gzip"},
      {"GZIP", "gzip"},
      {"gzip, zstd", "zstd"},
      {"gzip;q=1.0, zstd;q=0.9", "gzip"},
      {"gzip;q=0.5 , zstd ;q=0.501", "zstd"},
      {"gzip;q=0, zstd;q=0", ""},
      {"gzip;q=0.000", ""},
      {"gzip;q=0.001", "gzip"},
      {"br, deflate", ""},
      {"br;q=1, *;q=0.1", "zstd"},
      {"*", "zstd"},
      {"*;q=0", ""},
      {"zstd;q=0, *;q=0.5", "gzip"},
      {"identity", ""},
      {"identity;q=1, gzip;q=0.5", ""},
      {"identity;q=0.5, gzip;q=1", "gzip"},
      {"identity;q=0, gzip", "gzip"},
      {"identity;q=0", ""},
      {"identity;q=0, gzip;q=0, zstd;q=0", ""},
      {"gzip;q=2", ""},
      {"gzip;q=-1", ""},
      {"gzip;q=nan", ""},
      {"gzip;q=", ""},
      {",, gzip ,", "gzip"},
  };
  const std::string target = kOrders + "?limit=200";
  const Answer plain = ask(target, "none");
  ASSERT_EQ(plain.status, 200);
  ASSERT_GT(plain.body.size(), 1024U);
  for (const auto& [accept, coding] : cases) {
    SCOPED_TRACE(accept);
    const Answer answer = ask(target, accept);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(header(answer, "content-encoding"), coding);
    EXPECT_EQ(header(answer, "content-type"), "application/json");
    EXPECT_THAT(header(answer, "vary"), HasSubstr("Accept-Encoding"));
    EXPECT_EQ(header(answer, "etag"), header(plain, "etag")) << "weak: of the rows, not of the bytes";
    EXPECT_EQ(data_of(answer), data_of(plain));
    if (*coding != '\0') {
      EXPECT_LT(answer.body.size(), plain.body.size() / 2);
    }
  }
}

TEST_F(CompressionOverHttp, Head_EachEncoding_HasTheHeadersOfGetWithoutBody) {
  for (const std::string& target : {kOrders + "?limit=200", kOrders + "?limit=1"}) {
    for (const char* const accept : {"none", "gzip", "zstd", "identity;q=0, gzip;q=0.5"}) {
      SCOPED_TRACE(target + " " + accept);
      static_cast<void>(ask(target, accept));  // so that the next two are hits
      Answer get = ask(target, accept);
      Answer head = ask(target, accept, "HEAD");
      EXPECT_EQ(head.status, 200);
      EXPECT_EQ(head.body, "");
      EXPECT_EQ(std::stoul(header(get, "content-length")), get.body.size());
      for (Answer* const answer : {&get, &head}) answer->headers.erase("date");
      EXPECT_EQ(head.headers, get.headers);
    }
  }
  // If HEAD is the first request, it runs the query, and the answer is cached.
  const Answer first = ask(kOrders + "?limit=199", "gzip", "HEAD");
  EXPECT_EQ(header(first, "content-encoding"), "gzip");
  EXPECT_THAT(decoded(ask(kOrders + "?limit=199", "gzip")), HasSubstr(R"("cache":"hit")"));
}

TEST_F(CompressionOverHttp, Compression_SmallAnswerOrError_IsSentUncompressed) {
  const Answer small = ask(kOrders + "?limit=1", "gzip");
  EXPECT_EQ(small.status, 200);
  ASSERT_LT(small.body.size(), 1024U);
  EXPECT_EQ(header(small, "content-encoding"), "");
  EXPECT_THAT(header(small, "vary"), HasSubstr("Accept-Encoding")) << "it could have been";
  for (const std::string& target : {kOrders + "?limit=0", std::string("/v1/endpoints/nobody")}) {
    const Answer refused = ask(target, "gzip");
    EXPECT_EQ(header(refused, "content-encoding"), "") << target;
    EXPECT_THAT(refused.body, HasSubstr("\"error\"")) << target;
  }
}

TEST_F(CompressionOverHttp, CacheHit_EachEncoding_DecodesToTheSameData) {
  const std::string target = kOrders + "?limit=200&least=1";
  EXPECT_THAT(decoded(ask(target, "zstd")), HasSubstr(R"("cache":"miss")"));
  const std::string data = data_of(ask(target, "none"));
  for (const char* const accept : {"gzip", "zstd", "gzip", "zstd", "none"}) {
    const Answer answer = ask(target, accept);
    EXPECT_EQ(data_of(answer), data) << accept;
    EXPECT_THAT(decoded(answer), HasSubstr(R"("cache":"hit")")) << accept;
  }
  const Answer unchanged = client_->get(
      target, {kZebra, "accept-encoding: gzip", "if-none-match: " + header(ask(target, "none"), "etag")});
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(unchanged.body, "");
  EXPECT_EQ(header(unchanged, "content-encoding"), "");
  EXPECT_THAT(header(unchanged, "vary"), HasSubstr("Accept-Encoding"));
}

}  // namespace
}  // namespace offloader::app
