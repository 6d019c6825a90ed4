// `offloader index inspect` and `offloader bench`, run as whole command lines.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "offloader/base/file.h"
#include "offloader/cli/cli.h"

namespace offloader::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome offloader(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in;
  World world{
      .out = out, .err = err, .in = in, .environment = [](const std::string&) { return std::nullopt; }};
  const int code = run(arguments, world);
  return {code, out.str(), err.str()};
}

const std::filesystem::path kSource = OFFLOADER_SOURCE_DIR;
const std::string kIndexFile = (kSource / "src/index/fuzz/seeds/index_reader/rows").string();

TEST(IndexInspect, Inspect_ValidFile_ShowsItsContents) {
  for (const bool json : {false, true}) {
    const auto golden =
        kSource / "src/cli/tests/golden" / (json ? "index-inspect.json" : "index-inspect.txt");
    const Outcome shown = json ? offloader({"index", "inspect", kIndexFile, "--json"})
                               : offloader({"index", "inspect", kIndexFile});
    EXPECT_EQ(shown.code, kSuccess) << shown.err;
    if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << shown.out;
    const auto expected = read_file(golden, 1 << 20);
    ASSERT_TRUE(expected);
    EXPECT_EQ(shown.out, *expected);
  }
}

TEST(IndexInspect, Inspect_InvalidFile_ReportsTheError) {
  const Outcome absent = offloader({"index", "inspect", "/no/such.index"});
  EXPECT_EQ(absent.code, kFailed);
  EXPECT_THAT(absent.err, HasSubstr("/no/such.index: the index cannot be opened"));
  const Outcome other = offloader({"index", "inspect", (kSource / "README.md").string()});
  EXPECT_EQ(other.code, kFailed);
  EXPECT_THAT(other.err, HasSubstr("the index is damaged (it is not an index file)"));
  EXPECT_EQ(offloader({"index", "inspect"}).code, kUsage);
  EXPECT_EQ(offloader({"index"}).code, kUsage);
}

// Serves one connection at a time and answers every request with the same text.
class Server {
 public:
  explicit Server(std::string answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x";
    thread_ = std::thread([this] {
      for (int fd = 0; (fd = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(fd)) {
        char buffer[4096];
        while (::recv(fd, buffer, sizeof buffer, 0) > 0 &&
               ::send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL) > 0) {
        }
      }
    });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url;

 private:
  std::string answer_;
  int listener_ = -1;
  std::thread thread_;
};

// As short as it can be for a busy machine, which may answer nothing for seconds.
std::vector<std::string> quick(const std::string& url, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"bench", "--url",         url, "--duration", "4", "--warm-up",
                                        "0",     "--connections", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Bench, Bench_RunningServer_ReportsInEveryFormat) {
  std::string pattern = (std::filesystem::temp_directory_path() / "bench_test.XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(pattern.data());
  std::ofstream(folder / "requests") << "# two\n/a?x=1 some-key\n\n/b\n";
  const Server server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const Outcome text = offloader(quick(server.url));
  EXPECT_EQ(text.code, kSuccess) << text.err;
  EXPECT_THAT(text.out, HasSubstr(", 1 connection, closed loop"));
  EXPECT_THAT(text.out, HasSubstr("p99.9"));
  const Outcome json = offloader(
      quick(server.url, {"--json", "--rate", "200", "--requests", (folder / "requests").string(), "--csv",
                         (folder / "a.csv").string(), "--html", (folder / "a.html").string()}));
  EXPECT_EQ(json.code, kSuccess) << json.err;
  const auto report = nlohmann::json::parse(json.out);
  EXPECT_EQ(report["loop"], "open");
  EXPECT_GT(report["statuses"]["200"], 0);
  EXPECT_THAT(*read_file(folder / "a.csv", 1 << 20), HasSubstr("percentile,microseconds\n"));
  EXPECT_THAT(*read_file(folder / "a.html", 1 << 20), HasSubstr("<svg"));
  std::filesystem::remove_all(folder);
}

TEST(Bench, Bench_FailedRequests_ExitsWithOne) {
  const Server server("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
  const Outcome refused = offloader(quick(server.url));
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.out, HasSubstr("status 401"));
  EXPECT_THAT(refused.out, HasSubstr("\nno successful answers\n"));
  EXPECT_THAT(refused.out, Not(HasSubstr("p50")));
  EXPECT_THAT(refused.err, HasSubstr("requests failed"));
  const Outcome nobody = offloader(quick("http://127.0.0.1:1/"));
  EXPECT_EQ(nobody.code, kFailed);
  EXPECT_THAT(nobody.err, HasSubstr("127.0.0.1:1"));
}

TEST(Bench, Bench_InvalidArguments_ExitsWithTwo) {
  EXPECT_EQ(offloader({"bench"}).code, kUsage);
  EXPECT_EQ(offloader(quick("https://127.0.0.1/")).code, kUsage);
  const Outcome bare = offloader(quick("localhost:21088/v1"));
  EXPECT_EQ(bare.code, kUsage);
  EXPECT_THAT(bare.err, HasSubstr("Use a URL that starts with http://.\n"));
  EXPECT_THAT(bare.err, Not(HasSubstr("s3://")));
  EXPECT_EQ(offloader({"bench", "--url", "http://h/", "--connections", "0"}).code, kUsage);
  const Outcome soon = offloader({"bench", "--url", "http://h/", "--duration", "soon"});
  EXPECT_EQ(soon.code, kUsage);
  EXPECT_THAT(soon.err, HasSubstr("`soon` is not a number from 0.01 to 86400\n"));
  const Outcome absent = offloader(quick("http://127.0.0.1:1/", {"--requests", "/no/such/file"}));
  EXPECT_EQ(absent.code, kUsage);
  EXPECT_THAT(absent.err, HasSubstr("--requests: /no/such/file: "));
}

}  // namespace
}  // namespace offloader::cli
