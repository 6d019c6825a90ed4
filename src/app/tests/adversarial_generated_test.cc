// The invariants of security.md over a generated project, with random attacks. The number in a test's name is
// that of the invariant.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"
#include "two_tenants.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using two_tenants::kYak;
using two_tenants::kZebra;

const std::string kOrders = "/v1/endpoints/orders";

class AdversarialGenerated : public ::testing::Test {
 protected:
  void SetUp() override { two_tenants::write(root()); }

  void serve() {
    server_ = std::make_unique<TestServer>(root(), folder_.path() / "cache",
                                           TestServerOptions{.use_index = true, .admin_token = "token"});
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
  }
  Answer call(const std::string& target, const std::vector<std::string>& headers,
              const std::string& method = "GET") {
    HttpClient client(server_->api_port());
    return client.send(method, target, headers);
  }
  double metric(const std::string& series) {
    HttpClient admin(server_->admin_port());
    const std::string text = admin.get("/metrics").body;
    const auto at = text.find("\n" + series + " ");
    return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + series.size() + 2, nullptr);
  }
  double queries() {
    return metric("offloader_queries_total{executor=\"index\"}") +
           metric("offloader_queries_total{executor=\"duckdb\"}");
  }
  [[nodiscard]] fs::path root() const { return folder_.path() / "project"; }

  TemporaryFolder folder_;
  std::unique_ptr<TestServer> server_;
};

// Returns a random mix of attack fragments, partly percent-encoded.
std::string attack(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"'",
                                                   "\"",
                                                   ";",
                                                   "--",
                                                   "/*",
                                                   "*/",
                                                   "$1",
                                                   "\\",
                                                   "%27",
                                                   "%22",
                                                   "%00",
                                                   "%ff",
                                                   "%C0%AE",
                                                   "+",
                                                   "%2B",
                                                   "yak-corp",
                                                   "OR 1=1",
                                                   "UNION",
                                                   "SELECT",
                                                   "hidden",
                                                   "owner",
                                                   "tenant",
                                                   "*",
                                                   ",",
                                                   "status",
                                                   "since",
                                                   "least",
                                                   "text",
                                                   "columns",
                                                   "limit",
                                                   "offset",
                                                   "=",
                                                   "&",
                                                   "&&",
                                                   "=&=",
                                                   "open",
                                                   "done",
                                                   "closed",
                                                   "closed ",
                                                   "2026-01-01",
                                                   "2026-02-30",
                                                   "-1",
                                                   "1e9",
                                                   "0x10",
                                                   "9223372036854775807",
                                                   "9223372036854775808",
                                                   "%",
                                                   "%4",
                                                   "%25%32%37",
                                                   "read_csv('/etc/passwd')",
                                                   "\xE2\x80\xAE",
                                                   "\xF0\x9F\xA6\x93",
                                                   "NULL",
                                                   "NaN",
                                                   "?",
                                                   "#",
                                                   "company"};
  std::string out;
  const std::size_t pieces = 1 + random() % 8;
  for (std::size_t i = 0; i < pieces; ++i) {
    for (const char c : kPieces[random() % kPieces.size()]) {
      // Always encode what would end the request line, and a sixth of the rest.
      if (c == ' ' || c == '\r' || c == '\n' || (random() % 6 == 0 && c != '%')) {
        char text[4];
        std::snprintf(text, sizeof text, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += text;
      } else {
        out += c;
      }
    }
  }
  return out;
}

TEST_F(AdversarialGenerated, Invariant1_RandomQueryStrings_ReachOnlyOwnRowsAndAllowedColumns) {
  serve();
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  HttpClient client(server_->api_port());
  int answered = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string target = kOrders + "?";
    static const std::vector<std::string> kNames = {"status", "since",  "least",  "text",
                                                    "limit",  "offset", "columns"};
    const std::size_t parts = 1 + random() % 3;
    for (std::size_t part = 0; part < parts; ++part) {
      if (random() % 2 == 0) target += kNames[random() % kNames.size()] + "=";
      target += attack(random) + "&";
    }
    const Answer answer = client.get(target, {kZebra});
    ASSERT_TRUE(answer.status == 200 || answer.status == 422) << answer.status << " " << target;
    ASSERT_THAT(answer.body, Not(HasSubstr("hidden-canary"))) << target;
    ASSERT_THAT(answer.body, Not(HasSubstr("yak-corp"))) << target;
    if (answer.status != 200) continue;
    ++answered;
    const json body = json::parse(answer.body);
    for (const auto& row : body["data"]) {
      for (const auto& [name, value] : row.items()) {
        ASSERT_TRUE(name == "company" || name == "id" || name == "day" || name == "status" ||
                    name == "amount");
      }
      if (row.contains("company")) {
        ASSERT_EQ(row["company"], "zebra-corp") << target;
      }
    }
  }
  EXPECT_GT(answered, 20);
}

TEST_F(AdversarialGenerated, Invariant2_AlteredOrMisplacedKey_IsUnauthorized) {
  serve();
  const std::string token = std::string(kZebra).substr(22);
  EXPECT_EQ(call(kOrders, {"Authorization: bearer " + token}).status, 200) << "the scheme's case is free";
  for (const std::string& wrong :
       {token.substr(1), token.substr(0, token.size() - 1), token + "0", token + " ", "\"" + token + "\"",
        token + "," + token, std::string("Bearer ") + token}) {
    EXPECT_EQ(call(kOrders, {"Authorization: Bearer  x" + wrong}).status, 401) << wrong;
  }
  for (const char* elsewhere : {"X-Api-Key: ", "Proxy-Authorization: Bearer ", "Cookie: key="})
    EXPECT_EQ(call(kOrders, {elsewhere + token}).status, 401) << elsewhere;
  EXPECT_EQ(call(kOrders + "?api_key=" + token + "&authorization=Bearer%20" + token, {}).status, 401);
  // Only the operator's metrics distinguish revoked keys from unknown ones.
  EXPECT_EQ(call(kOrders, {two_tenants::kRevoked}).status, 401);
  EXPECT_EQ(metric("offloader_auth_failures_total{reason=\"revoked\"}"), 1);
}

TEST_F(AdversarialGenerated, Invariant3_ForbiddenEndpoint_IsIndistinguishableFromAMissingOne) {
  serve();
  const auto shape = [](Answer answer) {
    const std::string id = answer.headers["x-request-id"];
    answer.headers.erase("x-request-id");
    answer.headers.erase("date");
    std::string out = std::to_string(answer.status);
    for (const auto& [name, value] : answer.headers) out += "\n" + name + ": " + value;
    answer.body.replace(answer.body.find(id), id.size(), "ID");
    return out + "\n" + answer.body;
  };
  for (const std::string query : {"", "?bad=1", "?status=nonsense", "?limit=0", "?status=open"}) {
    const double before = queries();
    const std::string forbidden = shape(call("/v1/endpoints/yak_only" + query, {kZebra}));
    EXPECT_EQ(forbidden, shape(call("/v1/endpoints/yak_none" + query, {kZebra}))) << query;
    EXPECT_THAT(forbidden, ::testing::StartsWith("404"));
    EXPECT_EQ(queries(), before) << "neither looks at data";
    for (const char* method : {"POST", "DELETE", "OPTIONS", "HEAD"}) {
      EXPECT_EQ(call("/v1/endpoints/yak_only" + query, {kZebra}, method).status,
                call("/v1/endpoints/yak_none" + query, {kZebra}, method).status)
          << method;
    }
    EXPECT_EQ(shape(call("/v1/endpoints/yak_only" + query, {kZebra, "if-none-match: *"})),
              shape(call("/v1/endpoints/yak_none" + query, {kZebra, "if-none-match: *"})));
  }
  EXPECT_EQ(call("/v1/endpoints/yak_only", {kYak}).status, 200) << "and it is there";
  EXPECT_EQ(metric("offloader_requests_total{endpoint=\"yak_only\",status=\"client_error\"}"), 0)
      << "metrics count a forbidden one as unknown";
}

TEST_F(AdversarialGenerated, Invariant4_TenantsAskTheSameAtOnce_NeverShareAnAnswer) {
  serve();
  std::atomic<int> wrong{0};
  const auto ask = [&](const char* key, const std::string& own, const std::string& foreign) {
    HttpClient client(server_->api_port());
    for (int i = 0; i < 400; ++i) {
      const Answer answer = client.get(kOrders + "?limit=" + std::to_string(1 + i / 4), {key});
      if (answer.status != 200 || answer.body.find(foreign) != std::string::npos ||
          answer.body.find(own) == std::string::npos)
        wrong.fetch_add(1);
    }
  };
  std::vector<std::thread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back(ask, kZebra, "zebra-corp", "yak-corp");
    clients.emplace_back(ask, kYak, "yak-corp", "zebra-corp");
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(queries(), 200) << "one for each tenant and page";
}

TEST_F(AdversarialGenerated, Invariant7_QuotesInNamesAndPaths_AreNotSql) {
  const std::string name = "x'); CREATE TABLE evil(i int); --\".csv";
  fs::rename(root() / "data/orders.csv", root() / "data" / name);
  two_tenants::write_manifest(root(), "s'1\"; DROP", name);
  server_ = std::make_unique<TestServer>(root(), folder_.path() / "cache", TestServerOptions{});
  ASSERT_TRUE(server_->started()) << server_->failure();
  const auto report = server_->server().refresh_and_wait("orders");
  ASSERT_TRUE(report.has_value());
  EXPECT_NE(report->status, refresh::Outcome::failed) << report->error;
  two_tenants::write_manifest(root(), "s1", name);
  ASSERT_TRUE(server_->refresh("orders")) << server_->failure();
  EXPECT_EQ(json::parse(call(kOrders + "?limit=200", {kZebra}).body)["data"].size(), 200U);
}

// Every way out of the project's folder is rejected with a finding, and files outside are never served.
TEST_F(AdversarialGenerated, Invariant8_ManifestPathOutsideTheFolder_IsRejected) {
  fs::create_directories(folder_.path() / "outside");
  fs::copy(root() / "data/orders.csv", folder_.path() / "outside/orders.csv");
  fs::create_symlink("../../outside/orders.csv", root() / "data/link.csv");
  fs::create_directory_symlink("../../outside", root() / "data/folder");
  const std::string absolute = (folder_.path() / "outside/orders.csv").string();
  server_ = std::make_unique<TestServer>(root(), folder_.path() / "cache", TestServerOptions{});
  ASSERT_TRUE(server_->started()) << server_->failure();
  ASSERT_TRUE(server_->await_ready()) << server_->failure();
  int number = 2;
  for (const std::string& path :
       {std::string("../../outside/orders.csv"), absolute, "file://" + absolute, std::string("link.csv"),
        std::string("folder/orders.csv"), std::string("./../../outside/orders.csv"),
        std::string("..\\..\\outside\\orders.csv"), std::string("http://127.0.0.1:1/orders.csv"),
        std::string("s3://bucket/orders.csv"), std::string("orders.csv/../../../outside/orders.csv")}) {
    two_tenants::write_manifest(root(), "s" + std::to_string(number++), path);
    const auto report = server_->server().refresh_and_wait("orders");
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->status, refresh::Outcome::rejected) << path << " " << report->error;
    EXPECT_FALSE(report->findings.empty()) << path;
  }
  for (const char* id : {"../../evil", "a/b", "/evil", "", "a\\b", "a\nb"}) {
    two_tenants::write_manifest(root(), id, "orders.csv");
    const auto report = server_->server().refresh_and_wait("orders");
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->status, refresh::Outcome::rejected) << "snapshot id " << id;
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("evil")));
}

TEST_F(AdversarialGenerated, Invariant8_ProjectPathOutsideTheFolder_DoesNotStart) {
  fs::create_directories(folder_.path() / "outside");
  fs::copy(root() / "keys/keys.yml", folder_.path() / "outside/keys.yml");
  fs::create_symlink("../../outside/keys.yml", root() / "keys/link.yml");
  const auto text = [](const fs::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const auto refused = [&](const char* name, const std::string& from, const std::string& to) {
    const std::string sound = text(root() / name);
    std::string changed = sound;
    changed.replace(changed.find(from), from.size(), to);
    std::ofstream(root() / name) << changed;
    const TestServer server(root(), folder_.path() / "cache");
    EXPECT_FALSE(server.started()) << name << ": " << to;
    std::ofstream(root() / name) << sound;
    return server.failure();
  };
  EXPECT_THAT(refused("offloader.yml", "keys/keys.yml", "../outside/keys.yml"), HasSubstr("unsafe_path"));
  EXPECT_THAT(refused("offloader.yml", "keys/keys.yml", (folder_.path() / "outside/keys.yml").string()),
              HasSubstr("unsafe_path"));
  EXPECT_THAT(refused("offloader.yml", "keys/keys.yml", "keys/link.yml"), HasSubstr("unsafe_path"));
  EXPECT_THAT(refused("datasets/orders.yml", "data/orders.json", "../outside/orders.json"),
              HasSubstr("unsafe_path"));
  refused("datasets/orders.yml", "id: orders", "id: ../orders");
  refused("endpoints/orders.yml", "name: orders", "name: ../orders");
}

}  // namespace
}  // namespace offloader::app
