// The real program with little memory for answers, and clients that request large ones but do not read them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "await.h"
#include "client_sockets.h"
#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "sanitized.h"
#include "server_process.h"

namespace offloader::app {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kMegabyte = 1U << 20;
constexpr int kClients = 60;
constexpr std::size_t kRows = 20'000;  // in a page of 20 MB
constexpr std::size_t kText = 1'000;   // bytes per row
constexpr double kBudget = 64 * kMegabyte;

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  ASSERT_TRUE(write_file_atomically(path, text));
}

// Writes a project with the endpoints `kept`, which is cached, and `made`, which is not.
void write_project(const std::filesystem::path& root) {
  write(root / "offloader.yml", "version: 1\nauth: none\n");
  write(root / "datasets/pages.yml",
        "id: pages\nmanifest: data/pages.json\nschema: [{name: id, type: INTEGER}, {name: text, type: "
        "VARCHAR}]\n");
  for (const auto& [name, policy] : {std::pair("kept", "snapshot"), std::pair("made", "none")}) {
    write(root / "endpoints" / (std::string(name) + ".yml"),
          "name: " + std::string(name) + "\nversion: 1\ndataset: pages\n" +
              "query: {select: [{as: id, column: id}, {as: text, column: text}], order_by: [{column: id, "
              "dir: asc}]}\n"
              "columns: [id, text]\npagination: {default_limit: 1, max_limit: 20000}\ncache: {policy: " +
              policy + "}\n");
  }
  std::string csv = "id,text\n";
  const std::size_t rows = kRows + kClients;
  for (std::size_t i = 0; i < rows; ++i)
    csv += std::to_string(i) + "," + std::string(kText, static_cast<char>('a' + i % 26)) + "\n";
  write(root / "data/pages.csv", csv);
  write(root / "data/pages.json",
        R"({"dataset_id":"pages","snapshot_id":"s1","created_at":"2026-01-01T00:00:00Z",)"
        R"("watermark":"2026-01-01T00:00:00Z","schema":[{"name":"id","type":"INTEGER"},)"
        R"({"name":"text","type":"VARCHAR"}],"files":[{"path":"pages.csv","format":"csv"}],)"
        R"("partition_columns":[],"sort_columns":["id"],"row_count":)" +
            std::to_string(rows) +
            R"(,"size_bytes":1,"producer":"test","upstream_run_id":"run","schema_version":1,)"
            R"("data_quality_status":"passed","compatibility_policy":"exact"})");
}

struct Case {
  const char* name;
  const char* endpoint;
  const char* index;
  const char* encoding;
  const char* pool;
};

std::map<std::string, std::string> environment(const char* pool, const char* index) {
  return {{"OFFLOADER_RESPONSE_MEMORY", "64MB"},
          {"OFFLOADER_CACHE_MAX_BYTES", "48MB"},
          {"OFFLOADER_DUCKDB_MEMORY_LIMIT", "192MB"},
          {"OFFLOADER_DUCKDB_THREADS", "2"},
          {"OFFLOADER_POOL_SIZE", pool},
          {"OFFLOADER_POOL_WAIT_MS", "60000"},
          {"OFFLOADER_REFRESH_INTERVAL", "0"},
          {"OFFLOADER_ACCESS_LOG", "off"},
          {"OFFLOADER_INDEX", index}};
}

class ResponseMemoryProcess : public ::testing::TestWithParam<Case> {};

TEST_P(ResponseMemoryProcess, Answers_ClientsDoNotRead_StayWithinTheBudget) {
  const TemporaryFolder folder;
  ASSERT_NO_FATAL_FAILURE(write_project(folder.path()));
  ServerProcess server(folder.path(), {.environment = environment(GetParam().pool, GetParam().index)});
  ASSERT_TRUE(server.await_ready()) << server.log();
  const std::string endpoint = GetParam().endpoint;
  const std::string path = "/v1/endpoints/" + endpoint;
  HttpClient client(server.api_port());
  ASSERT_EQ(client.get(path + "?limit=20000").status, 200);
  const std::uint64_t before = server.memory("RssAnon");
  std::vector<ClientSocket> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back(server.api_port(), 4096);
    ASSERT_TRUE(clients.back().send("GET " + path + "?limit=20000&offset=" + std::to_string(i + 1) +
                                    " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + GetParam().encoding +
                                    "\r\n\r\n"));
  }
  const auto requests = [&](const std::string& status) {
    return server.metric("offloader_requests_total{endpoint=\"" + endpoint + "\",status=\"" + status + "\"}");
  };
  const auto used = [&] { return server.metric("offloader_response_memory_bytes"); };
  double most = 0;
  std::uint64_t peak = 0;
  ASSERT_TRUE(await([&] {
    most = std::max(most, used());
    peak = std::max(peak, server.memory("RssAnon"));
    return requests("ok") + requests("not_ready") + requests("server_error") >= kClients + 1;
  })) << server.log();
  EXPECT_EQ(requests("server_error"), 0) << server.log();
  EXPECT_LE(most, kBudget);
  // Besides the budget: the cache, DuckDB's limit, memory that malloc retains, and the threads' buffers. A
  // sanitizer's own memory does not count.
  if (!kSanitized) {
    EXPECT_LT(peak, before + (64 + 48 + 192 + 32) * kMegabyte);
    EXPECT_LT(peak, 512 * kMegabyte);
  }
  std::printf("[ figures  ] %s: counted %.0f MB, resident %.0f MB more at most, %.0f of %d served\n",
              GetParam().name, most / kMegabyte, static_cast<double>(peak - before) / kMegabyte,
              requests("ok") - 1, kClients);
  if (std::string(GetParam().encoding) == "identity") {
    EXPECT_GT(requests("not_ready"), 0);
    EXPECT_GT(server.metric("offloader_shed_total{reason=\"memory\"}"), 0);
    EXPECT_GT(requests("ok"), 1) << "what fits is served";
    const Answer refused = client.get(path + "?limit=20000&offset=0&columns=text,id");
    if (refused.status == 503) {
      EXPECT_EQ(refused.headers.at("retry-after"), "1");
      EXPECT_THAT(refused.body, HasSubstr(R"("family":"not_ready")"));
    }
  }
  EXPECT_EQ(client.get(path + "?limit=1&offset=7").status, 200) << "small answers have room";
  clients.clear();
  ASSERT_TRUE(await([&] { return used() == 0; })) << used();
  EXPECT_EQ(client.get(path + "?limit=20000&offset=3").status, 200) << "and large ones again";
}

// Each batch asks for 20 pages of 2 MB, so that 20 of them want 800 MB.
TEST(ResponseMemoryBatches, TwentyOfTwentyAtOnce_ClientsDoNotRead_StayWithinTheBudget) {
  const TemporaryFolder folder;
  ASSERT_NO_FATAL_FAILURE(write_project(folder.path()));
  ServerProcess server(folder.path(), {.environment = environment("4", "on")});
  ASSERT_TRUE(server.await_ready()) << server.log();
  constexpr int kBatches = 20;
  constexpr int kItems = 20;
  const std::uint64_t before = server.memory("RssAnon");
  std::vector<ClientSocket> clients;
  for (int i = 0; i < kBatches; ++i) {
    std::string body;
    for (int k = 0; k < kItems; ++k)
      body += std::string(k == 0 ? "" : ",") + R"({"endpoint":"made","params":{"limit":2000,"offset":)" +
              std::to_string(i * kItems + k) + "}}";
    body = R"({"requests":[)" + body + "]}";
    clients.emplace_back(server.api_port(), 4096);
    ASSERT_TRUE(clients.back().send(
        "POST /v1/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body));
  }
  const auto requests = [&](const std::string& status) {
    return server.metric("offloader_requests_total{endpoint=\"made\",status=\"" + status + "\"}");
  };
  const auto used = [&] { return server.metric("offloader_response_memory_bytes"); };
  double most = 0;
  std::uint64_t peak = 0;
  ASSERT_TRUE(await([&] {
    most = std::max(most, used());
    peak = std::max(peak, server.memory("RssAnon"));
    return requests("ok") + requests("not_ready") + requests("server_error") >= kBatches * kItems;
  })) << server.log();
  EXPECT_EQ(requests("server_error"), 0) << server.log();
  EXPECT_GT(requests("ok"), 1) << "what fits is served";
  EXPECT_GT(requests("not_ready"), 0);
  EXPECT_LE(most, kBudget);
  if (!kSanitized) {
    EXPECT_LT(peak, before + (64 + 48 + 192 + 32) * kMegabyte);
  }
  std::printf("[ figures  ] batches: counted %.0f MB, resident %.0f MB more at most, %.0f of %d served\n",
              most / kMegabyte, static_cast<double>(peak - before) / kMegabyte, requests("ok"),
              kBatches * kItems);
  clients.clear();
  ASSERT_TRUE(await([&] { return used() == 0; })) << used();
  HttpClient client(server.api_port());
  EXPECT_EQ(client.get("/v1/endpoints/made?limit=2000&offset=3").status, 200);
}

INSTANTIATE_TEST_SUITE_P(Server, ResponseMemoryProcess,
                         ::testing::Values(Case{"MadeByDuckdb", "made", "off", "identity", "2"},
                                           Case{"MadeByTheIndex", "made", "on", "identity", "8"},
                                           Case{"EvictedWhileRead", "kept", "on", "identity", "8"},
                                           Case{"Compressed", "made", "on", "gzip", "8"}),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace offloader::app
