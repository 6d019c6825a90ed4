#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/test_server.h"

// How the server reacts to valid and invalid input. Each row is sent over a real socket on a connection of
// its own: once whole, and once in small pieces. Both must give the same statuses and the same end.
namespace offloader::http::test {
namespace {

enum class End { open, close };

struct Row {
  std::string name;
  std::string sent;
  std::vector<int> statuses;  // of the responses, in order; without 100
  End end = End::close;
  std::string contains = {};  // expected in the responses; the handler answers `method target`
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

const std::string kHost = "Host: a\r\n";

std::string get(const std::string& headers, const std::string& rest = {}) {
  return "GET /x HTTP/1.1\r\n" + kHost + headers + "\r\n" + rest;
}
std::string post(const std::string& headers, const std::string& body) {
  return "POST /x HTTP/1.1\r\n" + kHost + headers + "\r\n" + body;
}
std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

const std::string kChunked = "Transfer-Encoding: chunked\r\n";
const std::string kNul = std::string(1, '\0');

std::vector<Row> rows() {
  return {
      // Plain requests.
      {"Get", get(""), {200}, End::open, "GET /x"},
      {"GetWithQuery", "GET /a/b?c=d&e HTTP/1.1\r\nHost: a\r\n\r\n", {200}, End::open, "GET /a/b?c=d&e"},
      {"ConnectionClose", get("Connection: close\r\n"), {200}, End::close, "Connection: close"},
      {"ConnectionCloseAmongOthers", get("Connection: x, Close\r\n"), {200}},
      {"Http10Closes", "GET /x HTTP/1.0\r\n\r\n", {200}, End::close, "Connection: close"},
      {"Http10KeepAlive",
       "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
       {200},
       End::open,
       "Connection: keep-alive"},
      {"UnknownMethodReachesTheHandler", "BREW /x HTTP/1.1\r\nHost: a\r\n\r\n", {200}, End::open, "BREW /x"},
      {"LowercaseMethodIsAnotherMethod", "get /x HTTP/1.1\r\nHost: a\r\n\r\n", {200}, End::open, "get /x"},
      {"OneEmptyLineBeforeTheRequestIsForgiven", "\r\n" + get(""), {200}, End::open},
      {"SomeMoreAreToo", "\r\n\n\r\n\r\n" + get(""), {200}, End::open},
      {"BetweenTwoRequestsAsWell", get("") + "\r\n" + get(""), {200, 200}, End::open},
      {"BetweenManyRequestsTheyDoNotAddUp", repeat(get("") + "\r\n", 10) + get(""), std::vector<int>(11, 200),
       End::open},
      {"NineEmptyLinesAreNot", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" + get(""), {400}},
      {"HeaderValueMayHoldObsText", get("X-A: caf\xc3\xa9 \xff\r\n"), {200}, End::open},
      {"EmptyHeaderValue", get("X-A:\r\n"), {200}, End::open},
      {"RepeatedHeadersAreJoined", get("X-Echo: a\r\nx-echo: b\r\n"), {200}, End::open, "[a, b]"},

      // Targets.
      {"AbsoluteForm",
       "GET http://a.example/x?y HTTP/1.1\r\nHost: b\r\n\r\n",
       {200},
       End::open,
       "GET /x?y\n"},
      {"AbsoluteFormHttps", "GET HTTPS://a:443/x HTTP/1.1\r\nHost: b\r\n\r\n", {200}, End::open, "GET /x\n"},
      {"AbsoluteFormWithoutPath", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", {200}, End::open, "GET /\n"},
      {"AbsoluteFormWithQueryAlone",
       "GET http://a?y HTTP/1.1\r\nHost: a\r\n\r\n",
       {200},
       End::open,
       "GET /?y\n"},
      {"AbsoluteFormWithoutHostName", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"AbsoluteFormWithUserInfo", "GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"AbsoluteFormOfAnotherScheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"AbsoluteFormStillNeedsHost", "GET http://a/x HTTP/1.1\r\n\r\n", {400}},
      {"OptionsAsterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {200}, End::open, "OPTIONS *"},
      {"AsteriskOfAnotherMethod", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"ConnectAuthorityForm", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"TargetWithoutSlash", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"TargetMissing", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"TargetWithSpace", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"TargetWithTab", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"TargetWithNul", "GET /a" + kNul + "b HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"TargetWithControl",
       "GET /a\x01"
       "b HTTP/1.1\r\nHost: a\r\n\r\n",
       {400}},
      {"TargetWithDelete",
       "GET /a\x7f"
       "b HTTP/1.1\r\nHost: a\r\n\r\n",
       {400}},
      {"InvalidUtf8InTheTargetReachesTheHandler",
       "GET /a\xc3?\xff HTTP/1.1\r\nHost: a\r\n\r\n",
       {200},
       End::open,
       "GET /a\xc3?\xff\n"},
      {"EscapesInTheTargetAreLeftAlone",
       "GET /%2e%2E%00%252f HTTP/1.1\r\nHost: a\r\n\r\n",
       {200},
       End::open,
       "GET /%2e%2E%00%252f\n"},

      // Versions and other protocols.
      {"Http09", "GET /x\r\n\r\n", {400}},
      {"Http12", "GET /x HTTP/1.2\r\nHost: a\r\n\r\n", {400}},
      {"Http20", "GET /x HTTP/2.0\r\nHost: a\r\n\r\n", {400}},
      {"LowercaseVersion", "GET /x http/1.1\r\nHost: a\r\n\r\n", {400}},
      {"VersionWithMoreDigits", "GET /x HTTP/1.10\r\nHost: a\r\n\r\n", {400}},
      {"SpaceAfterVersion", "GET /x HTTP/1.1 \r\nHost: a\r\n\r\n", {400}},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}},
      {"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), {400}},
      {"LeadingSpace", " GET /x HTTP/1.1\r\nHost: a\r\n\r\n", {400}},

      // Line ends, folding, field syntax.
      {"BareLineFeedAfterTheRequestLine", "GET /x HTTP/1.1\nHost: a\r\n\r\n", {400}},
      {"BareLineFeedAfterAHeader", "GET /x HTTP/1.1\r\nHost: a\n\r\n", {400}},
      {"BareLineFeedAtTheEnd", "GET /x HTTP/1.1\r\nHost: a\r\n\n", {400}},
      {"BareLineFeedBeforeTheRequestIsForgiven", "\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", {200}, End::open},
      {"BareCarriageReturnInAValue", get("X-A: a\rb\r\n"), {400}},
      {"FoldedHeader", get("X-A: a\r\n b\r\n"), {400}},
      {"FoldedHeaderByTab", get("X-A: a\r\n\tb\r\n"), {400}},
      {"FoldedFirstHeader", "GET /x HTTP/1.1\r\n Host: a\r\n\r\n", {400}},
      {"SpaceBeforeColon", get("X-A : a\r\n"), {400}},
      {"TabBeforeColon", get("X-A\t: a\r\n"), {400}},
      {"SpaceInName", get("X A: a\r\n"), {400}},
      {"EmptyName", get(": a\r\n"), {400}},
      {"HeaderWithoutColon", get("X-A\r\n"), {400}},
      {"NulInAValue", get("X-A: a" + kNul + "b\r\n"), {400}},
      {"NulInAName", get("X" + kNul + "A: a\r\n"), {400}},
      {"ControlInAValue", get("X-A: a\x02\r\n"), {400}},
      {"NonAsciiName", get("X-\xc3\xa9: a\r\n"), {400}},

      // Host.
      {"HostMissing", "GET /x HTTP/1.1\r\n\r\n", {400}},
      {"HostTwice", get("Host: b\r\n"), {400}},
      {"HostTwiceTheSame", get("host: a\r\n"), {400}},
      {"HostTwiceInHttp10", "GET /x HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", {400}},
      {"HostEmpty", "GET /x HTTP/1.1\r\nHost:\r\n\r\n", {200}, End::open},
      {"HostList", "GET /x HTTP/1.1\r\nHost: a, b\r\n\r\n", {400}},
      {"HostWithPath", "GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n", {400}},
      {"HostOfIpv6", "GET /x HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", {200}, End::open},

      // Bodies within the limits are read and discarded.
      {"BodyByLength", post("Content-Length: 3\r\n", "abc") + get(""), {200, 200}, End::open},
      {"BodyOfAGet", get("Content-Length: 3\r\n", "abc") + get(""), {200, 200}, End::open},
      {"EmptyBody", post("Content-Length: 0\r\n", "") + get(""), {200, 200}, End::open},
      {"BodyThatLooksLikeARequest",
       post("Content-Length: " + std::to_string(get("").size()) + "\r\n", get("")),
       {200},
       End::open},
      {"BodyOfTheLargestSize",
       post("Content-Length: 65536\r\n", std::string(65536, 'b')) + get(""),
       {200, 200},
       End::open},
      {"BodyOneByteTooLarge", post("Content-Length: 65537\r\n", std::string(65537, 'b')), {413}},
      {"BodyAnnouncedTooLarge", post("Content-Length: 99999999\r\n", ""), {413}},
      {"ExpectContinue", post("Content-Length: 3\r\nExpect: 100-continue\r\n", "abc"), {200}, End::open},
      {"ExpectContinueTooLarge", post("Content-Length: 65537\r\nExpect: 100-continue\r\n", ""), {413}},
      {"ChunkedBody", post(kChunked, "3\r\nabc\r\n0\r\n\r\n") + get(""), {200, 200}, End::open},
      {"ChunkedInAnyCase",
       post("transfer-ENCODING: Chunked\r\n", "0\r\n\r\n") + get(""),
       {200, 200},
       End::open},
      {"ChunkExtension", post(kChunked, "3;a=\"b\"\r\nabc\r\n0;c\r\n\r\n") + get(""), {200, 200}, End::open},
      {"ChunkTrailer", post(kChunked, "0\r\nX-A: b\r\nX-C: d\r\n\r\n") + get(""), {200, 200}, End::open},
      {"ChunksOfOneByte",
       post(kChunked, repeat("1\r\na\r\n", 1000) + "0\r\n\r\n") + get(""),
       {200, 200},
       End::open},
      {"ChunksOfTheLargestBody",
       post(kChunked, repeat("8000\r\n" + std::string(32768, 'c') + "\r\n", 2) + "0\r\n\r\n") + get(""),
       {200, 200},
       End::open},
      {"ChunksTooLargeInAll",
       post(kChunked, repeat("8000\r\n" + std::string(32768, 'c') + "\r\n", 2) + "1\r\na\r\n"),
       {413}},
      {"ChunkTooLarge", post(kChunked, "10001\r\n"), {413}},
      {"ChunkSizeOfSixteenDigits", post(kChunked, "ffffffffffffffff\r\n"), {413}},
      {"EndlessChunkExtension", post(kChunked, "1;" + std::string(400000, 'e')), {413}},

      // Ambiguous lengths, which could be read in two ways.
      {"LengthAndChunked", post("Content-Length: 3\r\n" + kChunked, "0\r\n\r\n"), {400}},
      {"ChunkedAndLength", post(kChunked + "Content-Length: 3\r\n", "0\r\n\r\n"), {400}},
      {"TwoLengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), {400}},
      {"TwoEqualLengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), {400}},
      {"LengthList", post("Content-Length: 3, 3\r\n", "abc"), {400}},
      {"LengthEmpty", post("Content-Length:\r\n", ""), {400}},
      {"LengthNegative", post("Content-Length: -1\r\n", ""), {400}},
      {"LengthWithPlus", post("Content-Length: +3\r\n", "abc"), {400}},
      {"LengthHex", post("Content-Length: 0x3\r\n", "abc"), {400}},
      {"LengthWithSpaceInside", post("Content-Length: 3 3\r\n", "abc"), {400}},
      {"LengthBeyond64Bits", post("Content-Length: 99999999999999999999999\r\n", ""), {400}},
      {"LengthNameWithSpace", post("Content-Length : 3\r\n", "abc"), {400}},
      {"EncodingUnknown", post("Transfer-Encoding: gzip\r\n", ""), {400}},
      {"EncodingChunkedNotLast", post("Transfer-Encoding: chunked, gzip\r\n", ""), {400}},
      {"EncodingGzipThenChunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), {400}},
      {"EncodingChunkedTwice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), {400}},
      {"EncodingInTwoHeaders", post(kChunked + kChunked, "0\r\n\r\n"), {400}},
      {"EncodingIdentity", post("Transfer-Encoding: identity\r\n", ""), {400}},
      {"EncodingEmpty", post("Transfer-Encoding:\r\n", ""), {400}},
      {"EncodingWithVerticalTab",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            "0\r\n\r\n"),
       {400}},
      {"EncodingQuoted", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), {400}},
      {"EncodingInHttp10", "POST /x HTTP/1.0\r\n" + kChunked + "\r\n0\r\n\r\n", {400}},

      // Malformed chunks.
      {"ChunkSizeMissing", post(kChunked, "\r\nabc"), {400}},
      {"ChunkSizeNotHex", post(kChunked, "g\r\n"), {400}},
      {"ChunkSizeWithPrefix", post(kChunked, "0x3\r\nabc\r\n0\r\n\r\n"), {400}},
      {"ChunkSizeNegative", post(kChunked, "-1\r\n"), {400}},
      {"ChunkSizeWithSpace", post(kChunked, "3 \r\nabc\r\n0\r\n\r\n"), {400}},
      {"ChunkSizeWithLeadingSpace", post(kChunked, " 3\r\nabc\r\n0\r\n\r\n"), {400}},
      {"ChunkSizeOfTooManyDigits", post(kChunked, "00000000000000003\r\nabc\r\n0\r\n\r\n"), {400}},
      {"ChunkLineWithBareLineFeed", post(kChunked, "3\nabc\r\n0\r\n\r\n"), {400}},
      {"ChunkExtensionWithBareLineFeed", post(kChunked, "3;a\nabc\r\n0\r\n\r\n"), {400}},
      {"ChunkDataTooLong", post(kChunked, "3\r\nabcd\r\n0\r\n\r\n"), {400}},
      {"ChunkDataTooShort", post(kChunked, "3\r\nab\r\n0\r\n\r\n"), {400}},
      {"ChunkDataWithBareLineFeed", post(kChunked, "3\r\nabc\n0\r\n\r\n"), {400}},
      {"LastChunkWithBareLineFeed", post(kChunked, "0\r\n\n"), {400}},
      {"TrailerFolded", post(kChunked, "0\r\nX-A: b\r\n c\r\n\r\n"), {400}},
      {"TrailerWithoutColon", post(kChunked, "0\r\nGET /y HTTP/1.1\r\n\r\n"), {400}},
      {"TrailerWithNul", post(kChunked, "0\r\nX-A: " + kNul + "\r\n\r\n"), {400}},

      // Bounds.
      {"RequestLineOfTheLargestSize",
       "GET /" + std::string(8192 - 14, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
       {200},
       End::open},
      {"RequestLineOneByteTooLong",
       "GET /" + std::string(8193 - 14, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
       {414}},
      {"EndlessRequestLine", "GET /" + std::string(20000, 'a'), {414}},
      {"EndlessMethod", std::string(20000, 'A'), {414}},
      {"LargeHeader", get("X-A: " + std::string(30000, 'a') + "\r\n"), {200}, End::open},
      {"HeaderTooLarge", get("X-A: " + std::string(33000, 'a') + "\r\n"), {431}},
      {"EndlessHeader", "GET /x HTTP/1.1\r\nX-A: " + std::string(40000, 'a'), {431}},
      {"EndlessHeaders",
       "GET /x HTTP/1.1\r\n" + repeat("X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 700),
       {431}},
      {"AHundredHeaders", get(repeat("X-A: a\r\n", 99)), {200}, End::open},
      {"AHundredAndOneHeaders", get(repeat("X-A: a\r\n", 100)), {431}},

      // Pipelining.
      {"Pipelined", get("") + "GET /y HTTP/1.1\r\nHost: a\r\n\r\n" + get(""), {200, 200, 200}, End::open},
      {"FortyPipelined", repeat(get(""), 40), std::vector<int>(40, 200), End::open},
      {"PipelinedUpToAClose", get("") + get("Connection: close\r\n") + get(""), {200, 200}},
      {"PipelinedUpToABadOne", get("") + "GET /x HTTP/1.1\nHost: a\r\n\r\n" + get(""), {200, 400}},
      {"SmuggledRequestIsNotAnswered",
       post("Content-Length: 0\r\n" + kChunked, "0\r\n\r\n" + get("")),
       {400}},
  };
}

std::vector<int> statuses_in(const std::string& received) {
  std::vector<int> statuses;
  for (std::size_t at = received.find("HTTP/1.1 "); at != std::string::npos;
       at = received.find("HTTP/1.1 ", at + 1)) {
    const int status = std::stoi(received.substr(at + 9, 3));
    if (status != 100) statuses.push_back(status);
  }
  return statuses;
}

void echo(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>&) {
  std::string body = std::string(request.method()) + " " + std::string(request.target()) + "\n";
  if (const auto value = request.header("X-Echo")) body += "[" + std::string(*value) + "]";
  std::move(responder).send(text(std::move(body)));
}

class Conformance : public testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() { server_ = new TestServer(echo); }
  static void TearDownTestSuite() { delete std::exchange(server_, nullptr); }

  static void expect_outcome(RawClient& client) {
    const Row& row = GetParam();
    if (row.end == End::close) {
      EXPECT_TRUE(client.read_to_end()) << client.received();
    } else {
      // The connection is open if it answers one more request.
      client.read_until(
          [&](const std::string& all) { return statuses_in(all).size() >= row.statuses.size(); });
      client.send("GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      EXPECT_TRUE(client.read_to_end()) << client.received();
      EXPECT_NE(client.received().find("GET /after"), std::string::npos) << client.received();
    }
    std::vector<int> expected = row.statuses;
    if (row.end == End::open) expected.push_back(200);
    EXPECT_EQ(statuses_in(client.received()), expected) << client.received();
    EXPECT_NE(client.received().find(row.contains), std::string::npos) << client.received();
  }

  static TestServer* server_;
};

TestServer* Conformance::server_ = nullptr;

TEST_P(Conformance, SentWhole_GivesTheExpectedResponses) {
  RawClient client(server_->server->port());
  client.send(GetParam().sent);
  expect_outcome(client);
}

TEST_P(Conformance, SentInPieces_GivesTheExpectedResponses) {
  RawClient client(server_->server->port());
  // The start, where the grammar is, goes in single bytes; the rest of large rows in larger pieces.
  const std::string& sent = GetParam().sent;
  for (std::size_t at = 0; at < sent.size();) {
    const std::size_t size = at < 300 ? 1 : 997;
    if (!client.send(std::string_view(sent).substr(at, size))) break;
    at += size;
  }
  expect_outcome(client);
}

INSTANTIATE_TEST_SUITE_P(Http, Conformance, testing::ValuesIn(rows()),
                         [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

// What a client does over time, step by step, and which responses it gets. The handler answers `GET /large`
// with more than a socket holds.
struct Conversation {
  enum class Does { send, await, half_close, reset, stall };
  struct Step {
    Does does;
    std::string bytes = {};  // to send, or to await
  };
  std::string name;
  std::vector<Step> steps;
  std::vector<int> statuses;  // of the responses that it gets
  Limits limits = {};
};

void PrintTo(const Conversation& conversation, std::ostream* out) {
  *out << conversation.name;
}

// Limits that end a client that stalls. The idle limit also bounds the time until a request is sent, so it is
// long enough for that on a busy machine. A client that stalls within a request sends its beginning at once.
Limits short_idle() {
  Limits limits;
  limits.idle = std::chrono::seconds(5);
  return limits;
}
Limits short_arrival() {
  Limits limits;
  limits.request_arrival = std::chrono::milliseconds(200);
  return limits;
}

std::vector<Conversation> conversations() {
  using Does = Conversation::Does;
  const std::string whole = get("");
  const std::string large = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
  return {
      {"SilentIsClosedWithoutAnAnswer", {{Does::stall}}, {}, short_idle()},
      {"SilentAfterAnAnswerIsClosed",
       {{Does::send, whole}, {Does::await, "GET /x"}, {Does::stall}},
       {200},
       short_idle()},
      {"SlowRequestLineIsCut", {{Does::send, "GET /x HT"}, {Does::stall}}, {}, short_arrival()},
      {"SlowHeadersAreCut",
       {{Does::send, "GET /x HTTP/1.1\r\nHost: a\r\n"}, {Does::stall}},
       {},
       short_arrival()},
      {"SlowBodyIsCut",
       {{Does::send, post("Content-Length: 9\r\n", "abc")}, {Does::stall}},
       {},
       short_arrival()},
      {"SlowChunkIsCut", {{Does::send, post(kChunked, "5\r\nab")}, {Does::stall}}, {}, short_arrival()},
      {"SlowSecondRequestIsCutAfterTheFirstIsAnswered",
       {{Does::send, whole + "GET /x"}, {Does::await, "GET /x"}, {Does::stall}},
       {200},
       short_arrival()},
      {"ABodyThatWaitsForContinueIsAskedFor",
       {{Does::send, post("Content-Length: 3\r\nExpect: 100-continue\r\n", "")},
        {Does::await, "HTTP/1.1 100 Continue\r\n\r\n"},
        {Does::send, "abc"},
        {Does::await, "POST /x"},
        {Does::stall}},
       {200},
       short_idle()},
      {"HalfClosedAfterARequestIsAnswered", {{Does::send, whole}, {Does::half_close}, {Does::stall}}, {200}},
      {"HalfClosedInARequestGetsNothing", {{Does::send, "GET /x HT"}, {Does::half_close}, {Does::stall}}, {}},
      {"HalfClosedInABodyGetsNothing",
       {{Does::send, post("Content-Length: 9\r\n", "abc")}, {Does::half_close}, {Does::stall}},
       {}},
      {"HalfClosedAtOnceGetsNothing", {{Does::half_close}, {Does::stall}}, {}},
      {"ARefusedRequestIsAnsweredThoughItStillSends",
       {{Does::send, "GET /x HTTP/1.1\nHost: a\r\n\r\n" + std::string(20000, 'x')}, {Does::stall}},
       {400}},
      {"ResetInARequest", {{Does::send, "GET /x HT"}, {Does::reset}}, {}},
      {"ResetAfterARequest", {{Does::send, whole}, {Does::reset}}, {}},
      {"ResetInTheMidstOfItsAnswer", {{Does::send, large}, {Does::await, "HTTP/1.1 200"}, {Does::reset}}, {}},
      {"ResetAtOnce", {{Does::reset}}, {}},
  };
}

class ConformanceOverTime : public testing::TestWithParam<Conversation> {};

TEST_P(ConformanceOverTime, Steps_GiveTheExpectedResponsesAndEndTheConnection) {
  using Does = Conversation::Does;
  const Conversation& conversation = GetParam();
  ServerOptions options;
  options.limits = conversation.limits;
  TestServer server(
      [](const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone) {
        if (request.target() == "/large") return std::move(responder).send(text(std::string(32 << 20, 'l')));
        echo(request, std::move(responder), gone);
      },
      options);
  RawClient client(server.server->port(), 4096);
  bool reset = false;
  for (const auto& step : conversation.steps) {
    switch (step.does) {
      case Does::send:
        client.send(step.bytes);
        break;
      case Does::await:
        ASSERT_TRUE(client.read_text(step.bytes)) << client.received();
        break;
      case Does::half_close:
        client.half_close();
        break;
      case Does::reset:
        client.reset();
        reset = true;
        break;
      case Does::stall:
        ASSERT_TRUE(client.read_to_end()) << client.received();
        break;
    }
  }
  if (!reset) {
    EXPECT_EQ(statuses_in(client.received()), conversation.statuses) << client.received();
  }
  EXPECT_TRUE(eventually([&] { return server.server->connections() == 0; })) << "and its connection is gone";
  RawClient next(server.server->port());
  next.send(get(""));
  EXPECT_TRUE(next.read_text("GET /x")) << "the server goes on";
}

INSTANTIATE_TEST_SUITE_P(Http, ConformanceOverTime, testing::ValuesIn(conversations()),
                         [](const testing::TestParamInfo<Conversation>& one) { return one.param.name; });

}  // namespace
}  // namespace offloader::http::test
