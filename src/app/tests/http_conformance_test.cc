// Raw requests to the whole server, for behaviour of the API port that the table of its listener
// (src/http/tests/conformance_test.cc) cannot cover. Each row uses its own connection.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ostream>

#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"
#include "two_tenants.h"

namespace offloader::app {
namespace {

struct Row {
  std::string name;
  std::string request;
  int status = 200;
  bool open = true;  // whether the connection accepts another request
  std::string contains = {};
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

const std::string kNul = std::string(1, '\0');

std::string request(const std::string& target, const std::string& headers = {},
                    const std::string& method = "GET") {
  return method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + two_tenants::kZebra + "\r\n" + headers + "\r\n";
}
std::string orders(const std::string& query, const std::string& headers = {}) {
  return request("/v1/endpoints/orders" + query, headers);
}

const std::string kJson = "Content-Type: application/json\r\n";
std::string post(const std::string& target, const std::string& body) {
  return request(target, kJson + "Content-Length: " + std::to_string(body.size()) + "\r\n", "POST") + body;
}

std::vector<Row> rows() {
  return {
      {"Plain", orders("")},
      {"AbsoluteForm", request("http://elsewhere.example/v1/endpoints/orders?limit=1")},
      {"AbsoluteFormOfAnotherPort", request("http://a:9/v1/endpoints/orders")},
      {"HealthNeedsNoKey", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 200, true, R"({"status":"ok"})"},
      {"HealthOfAnotherMethod", request("/healthz", "", "POST"), 405, true, "allow: GET, HEAD, OPTIONS"},
      {"Options", "OPTIONS /v1/endpoints/orders HTTP/1.1\r\nHost: a\r\n\r\n", 204, true,
       "allow: GET, HEAD, POST, OPTIONS"},
      {"OptionsOfAMissingEndpoint", "OPTIONS /v1/endpoints/nobody HTTP/1.1\r\nHost: a\r\n\r\n", 204, true,
       "allow: "},
      {"OptionsOfTheServer", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 404},
      {"PostWithoutAType", request("/v1/endpoints/orders", "Content-Length: 3\r\n", "POST") + "abc", 415},
      {"Post", post("/v1/endpoints/orders", R"({"limit":1})"), 200, true, "cache-control: no-store"},
      {"ChunkedPost", request("/v1/endpoints/orders", kJson + "Transfer-Encoding: chunked\r\n", "POST") +
                          "3\r\n{\"l\r\n9\r\nimit\":1}\n\r\n0\r\n\r\n"},
      {"PostOfNothing", request("/v1/endpoints/orders", kJson, "POST"), 400, true, "bad_request"},
      {"PostOfBrackets", post("/v1/endpoints/orders", std::string(65536, '[')), 400, true, "bad_request"},
      {"TooLargePost", request("/v1/endpoints/orders", kJson + "Content-Length: 65537\r\n", "POST"), 413,
       false, "bad_request"},
      {"Batch",
       post("/v1/batch", R"({"requests":[{"endpoint":"orders","params":{"limit":1}},{"endpoint":"x"}]})"),
       200, true, R"({"id":null,"status":404,"body":{"error":)"},
      {"BatchOfBrackets", post("/v1/batch", std::string(65536, '[')), 422, true, "invalid_param"},
      {"GetOfABatch", request("/v1/batch"), 405, true, "allow: POST, OPTIONS"},
      {"ListOfEndpoints", request("/v1"), 200, true, R"("path":"/v1/endpoints/orders"})"},
      {"UnknownMethod", request("/v1/endpoints/orders", "", "BREW"), 405, true, "allow: "},
      {"LowercaseMethod", request("/v1/endpoints/orders", "", "get"), 405},
      {"UnknownMethodElsewhere", request("/x", "", "BREW"), 404},
      {"BodyOfAGetIsIgnored", orders("?limit=1", "Content-Length: 5\r\n") + "limit"},
      {"ChunkedBodyOfAGetIsIgnored",
       orders("?limit=1", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n"},
      {"LargestBody", orders("", "Content-Length: 65536\r\n") + std::string(65536, 'b')},
      {"TooLargeBody", orders("", "Content-Length: 65537\r\n"), 413, false, "bad_request"},
      {"ConflictingLengths", orders("", "Content-Length: 3\r\nContent-Length: 4\r\n") + "abc", 400, false,
       "bad_request"},
      {"LengthAndChunked", orders("", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
       400, false},
      {"LongLine", orders("?text=" + std::string(9000, 'x')), 414, false, "bad_request"},
      {"LargeHeaders", orders("", "X-A: " + std::string(33000, 'x') + "\r\n"), 431, false, "bad_request"},
      {"FoldedHeader", orders("", "X-A: b\r\n c\r\n"), 400, false, "bad_request"},
      {"BareLineFeed", "GET /healthz HTTP/1.1\nHost: a\r\n\r\n", 400, false, "bad_request"},
      {"NotHttp", "\x16\x03\x01", 400, false, "bad_request"},

      {"NulInTheTarget", "GET /v1/endpoints/orders" + kNul + " HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
      {"EncodedNulInAValue", orders("?text=a%00b"), 422, true, "NUL"},
      {"EncodedNulInAName", orders("?te%00xt=a"), 422},
      {"InvalidUtf8InAValue", orders("?text=%ff"), 422, true, "UTF-8"},
      {"RawInvalidUtf8InAValue", orders("?text=\xff"), 422},
      {"OverlongUtf8", orders("?text=%c0%af"), 422},
      {"SurrogateInUtf8", orders("?text=%ed%a0%80"), 422},
      {"CutUtf8", orders("?text=%e2%82"), 422},
      {"Utf8OverTwoParams", orders("?text=%e2%82&status=%ac"), 422},
      {"CutEscape", orders("?text=%4"), 422},
      {"EscapeOfNoHex", orders("?text=%zz"), 422},
      {"InvalidUtf8InThePath", request("/v1/endpoints/\xff"), 404},
      {"EncodedSlashInThePath", request("/v1%2fendpoints/orders"), 404},
      {"DotsInThePath", request("/v1/endpoints/../endpoints/orders"), 404},
      {"EncodedNameInThePath", request("/v1/endpoints/%6frders")},
      {"TrailingSlash", request("/v1/endpoints/orders/")},
      {"TwoTrailingSlashes", request("/v1/endpoints/orders//"), 404},
      {"EncodedTrailingSlash", request("/v1/endpoints/orders%2F"), 404},
      {"DoubleSlash", request("//v1/endpoints/orders"), 404},
      {"FragmentIsPartOfTheQuery", orders("?limit=1#x"), 422},
      {"SemicolonIsNoSeparator", orders("?limit=1;offset=1"), 422},

      {"OnceEncodedName", orders("?%6cimit=1"), 200, true, "\"row_count\":1,"},
      {"OnceEncodedValue", orders("?status=%6fpen"), 200},
      {"TwiceEncodedName", orders("?%256cimit=1"), 422},
      {"TwiceEncodedValue", orders("?status=%256fpen"), 422},
      {"TwiceEncodedText", orders("?text=%2527"), 200, true, "\"row_count\":0,"},
      {"PlusIsASpace", orders("?text=open+"), 200, true, "\"row_count\":0,"},
      {"EmptyQuery", orders("?"), 200},
      {"EmptyPairs", orders("?&&limit=1&&"), 200, true, "\"row_count\":1,"},
      {"NameWithoutEquals", orders("?limit"), 422},
      {"EmptyName", orders("?=1"), 422},
      {"EqualsInAValue", orders("?text=a=b"), 200},
      {"RepeatedParam", orders("?status=open&status=open"), 422, true, "more than once"},
      {"RepeatedReservedParam", orders("?limit=1&limit=1"), 422},
      {"RepeatedByEncoding", orders("?limit=1&%6cimit=1"), 422},
      {"UndeclaredParam", orders("?nobody=1"), 422, true, "nobody"},
      {"UndeclaredParamOfNoIdentifier", orders("?a%3Cb%3E=1"), 422, true, "a param "},
      {"TwoAuthorizations", orders("", std::string(two_tenants::kZebra) + "\r\n"), 401, true,
       "www-authenticate: Bearer"},
      {"ConnectionClose", orders("", "Connection: close\r\n"), 200, false, "Connection: close"},
      {"Http10", "GET /healthz HTTP/1.0\r\n\r\n", 200, false},
      {"Http10KeepAlive", "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, true},
  };
}

class HttpConformance : public ::testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder();
    two_tenants::write(folder_->path() / "project");
    server_ = new TestServer(folder_->path() / "project", folder_->path() / "cache");
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
  }
  static void TearDownTestSuite() {
    delete server_;
    delete folder_;
  }

  // Sends the bytes and returns everything received until the server closes the connection.
  static std::string exchange(const std::string& bytes) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->api_port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t count = ::send(socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (count <= 0) break;
      at += static_cast<std::size_t>(count);
    }
    std::string received;
    char scrap[16384];
    for (ssize_t count = 0; (count = ::recv(socket, scrap, sizeof scrap, 0)) > 0;)
      received.append(scrap, static_cast<std::size_t>(count));
    ::close(socket);
    return received;
  }

  static TemporaryFolder* folder_;
  static TestServer* server_;
};

TemporaryFolder* HttpConformance::folder_ = nullptr;
TestServer* HttpConformance::server_ = nullptr;

TEST_P(HttpConformance, Exchange_EachRow_HasItsStatusAndConnectionState) {
  const Row& row = GetParam();
  // The second request shows whether the connection is still open, and closes it.
  const std::string second =
      "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-request-id: the-second\r\n\r\n";
  const std::string received = exchange(row.request + second);
  ASSERT_TRUE(received.starts_with("HTTP/1.1 ")) << received;
  EXPECT_EQ(std::stoi(received.substr(9, 3)), row.status) << received;
  EXPECT_EQ(received.find("the-second") != std::string::npos, row.open) << received;
  EXPECT_NE(received.find(row.contains), std::string::npos) << received;
  EXPECT_NE(received.find("x-content-type-options: nosniff"), std::string::npos);
  EXPECT_NE(received.find("x-request-id: "), std::string::npos);
  if (row.status >= 400) {
    EXPECT_NE(received.find("cache-control: no-store\r\n"), std::string::npos);
    EXPECT_NE(received.find(R"({"error":{"family":")"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Api, HttpConformance, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace offloader::app
