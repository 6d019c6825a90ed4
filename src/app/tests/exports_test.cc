// Exports of the real program: clients that are slow, leave or wait, and a server that ends meanwhile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "client_sockets.h"
#include "numbers_scene.h"
#include "offloader/base/file.h"
#include "offloader/duckdb/testing/data_file.h"

namespace offloader::app {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kRows = 400'000;
constexpr int kSmallBuffer = 4096;  // of a client that shall hold the server back
constexpr const char* kLastChunk = "\r\n0\r\n";

std::string export_request(const std::string& endpoint, const std::string& format = "csv") {
  return "GET /v1/endpoints/" + endpoint + "?format=" + format + "&limit=1000000 HTTP/1.1\r\nHost: a\r\n" +
         "TE: trailers\r\nConnection: close\r\n\r\n";
}

std::string rest_of(const ClientSocket& client) {
  std::string text;
  for (std::string more = client.receive(); !more.empty(); more = client.receive()) text += more;
  return text;
}

// Returns the body of a chunked answer without its trailers; empty if it is not complete.
std::string body_of(const std::string& answer) {
  std::string body;
  std::size_t at = answer.find("\r\n\r\n");
  while (at != std::string::npos) {
    at += at == answer.find("\r\n\r\n") && body.empty() ? 4 : 2;
    const std::size_t line = answer.find("\r\n", at);
    if (line == std::string::npos) return "";
    const std::size_t size = std::stoul(answer.substr(at, line - at), nullptr, 16);
    if (size == 0) return body;
    if (line + 2 + size + 2 > answer.size()) return "";
    body.append(answer, line + 2, size);
    at = line + 2 + size;
  }
  return "";
}

class Exports : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    for (const auto& [name, order] :
         {std::pair("all", ""), std::pair("sorted", "  order_by: [{column: note}]\n")}) {
      ASSERT_TRUE(write_file_atomically(
          scene_.project() / "endpoints" / (std::string(name) + ".yml"),
          "name: " + std::string(name) + "\nversion: 1\ndataset: numbers\n" +
              "query:\n  select: [{as: id, column: id}, {as: snapshot, column: snapshot}, {as: note, column: "
              "note}]\n" +
              order +
              "columns: [id, snapshot, note]\nformats: [csv, ndjson, arrow]\nexport: {max_rows: 1000000}\n"));
    }
    scene_.publish(1, kRows);
  }
  void start(std::map<std::string, std::string> more = {}) {
    more.emplace("OFFLOADER_INDEX", GetParam());
    more.emplace("OFFLOADER_POOL_SIZE", "4");
    ASSERT_NO_FATAL_FAILURE(scene_.start(std::move(more)));
  }
  double ended(const std::string& outcome, const std::string& endpoint = "all") {
    return scene_.server().metric("offloader_exports_total{endpoint=\"" + endpoint +
                                  "\",format=\"csv\",outcome=\"" + outcome + "\"}");
  }
  // Starts an export whose client reads the head and some rows, and then waits.
  ClientSocket stalled(const std::string& endpoint = "all") {
    ClientSocket client(scene_.server().api_port(), kSmallBuffer);
    EXPECT_TRUE(client.send(export_request(endpoint)));
    EXPECT_THAT(client.receive(), HasSubstr("HTTP/1.1 200"));
    return client;
  }
  // Checks a CSV of all rows of a snapshot, in any order.
  static void expect_whole(const std::string& csv, int snapshot) {
    EXPECT_TRUE(csv.starts_with("id,snapshot,note\r\n"));
    std::vector<bool> seen(kRows);
    std::size_t rows = 0;
    std::size_t at = csv.find('\n') + 1;
    const std::string middle = "," + std::to_string(snapshot) + ",";
    while (at < csv.size()) {
      const std::size_t end = csv.find('\n', at);
      ASSERT_NE(end, std::string::npos);
      const std::size_t comma = csv.find(',', at);
      ASSERT_EQ(csv.compare(comma, middle.size(), middle), 0) << csv.substr(at, end - at);
      const auto id = std::stoul(csv.substr(at, comma - at));
      ASSERT_LT(id, seen.size());
      ASSERT_FALSE(seen[id]) << id;
      seen[id] = true;
      ++rows;
      at = end + 1;
    }
    EXPECT_EQ(rows, static_cast<std::size_t>(kRows));
  }

  NumbersScene scene_;
};

// What is about the index, or the same without it.
class ExportsOnce : public Exports {};

TEST_P(Exports, Rows_AreAllThere_WithTrailers) {
  ASSERT_NO_FATAL_FAILURE(start());
  for (const char* const endpoint : {"all", "sorted"}) {
    const ClientSocket client(scene_.server().api_port());
    ASSERT_TRUE(client.send(export_request(endpoint)));
    const std::string answer = rest_of(client);
    EXPECT_THAT(answer.substr(0, 2000), HasSubstr("offloader-snapshot: s1\r\n"));
    ASSERT_NO_FATAL_FAILURE(expect_whole(body_of(answer), 1)) << endpoint;
    EXPECT_THAT(answer.substr(answer.size() - 200),
                EndsWith("\r\n0\r\noffloader-rows: 400000\r\noffloader-has-more: false\r\n"
                         "offloader-status: complete\r\n\r\n"));
    ASSERT_TRUE(await([&] { return ended("complete", endpoint) == 1; }));
  }
}

// The rows are read from a Parquet file while they are sent.
TEST_P(ExportsOnce, RemoteScan_RowsAreAllThere) {
  const auto root = scene_.project();
  ASSERT_TRUE(duckdb::testing::write_parquet(
      "SELECT i::INTEGER AS id, 1 AS snapshot, repeat('x', 30) || i AS note FROM range(400000) r(i)",
      root / "data/files.parquet"));
  ASSERT_TRUE(write_file_atomically(root / "datasets/files.yml",
                                    "id: files\nmanifest: data/files.json\nschema: [{name: id, type: "
                                    "INTEGER}, {name: snapshot, type: INTEGER}, "
                                    "{name: note, type: VARCHAR}]\n"));
  ASSERT_TRUE(write_file_atomically(
      root / "data/files.json",
      R"({"dataset_id":"files","snapshot_id":"f1","created_at":"2026-01-01T00:00:00Z",)"
      R"("watermark":"2026-01-01T00:00:00Z","schema":[{"name":"id","type":"INTEGER"},)"
      R"({"name":"snapshot","type":"INTEGER"},{"name":"note","type":"VARCHAR"}],)"
      R"("files":[{"path":"files.parquet","format":"parquet"}],"partition_columns":[],"sort_columns":[],)"
      R"("row_count":400000,"size_bytes":1,"producer":"test","upstream_run_id":"run","schema_version":1,)"
      R"("data_quality_status":"passed","compatibility_policy":"exact"})"));
  ASSERT_TRUE(write_file_atomically(
      root / "endpoints/files.yml",
      "name: files\nversion: 1\ndataset: files\nserving_mode: remote_scan\n"
      "query: {select: [{as: id, column: id}, {as: snapshot, column: snapshot}, {as: note, column: note}]}\n"
      "columns: [id, snapshot, note]\nformats: [csv]\nexport: {max_rows: 1000000}\n"));
  ASSERT_NO_FATAL_FAILURE(start());
  const ClientSocket client(scene_.server().api_port());
  ASSERT_TRUE(client.send(export_request("files")));
  const std::string answer = rest_of(client);
  ASSERT_NO_FATAL_FAILURE(expect_whole(body_of(answer), 1)) << answer.substr(0, 500);
  EXPECT_THAT(answer.substr(answer.size() - 60), HasSubstr("offloader-status: complete"));
}

TEST_P(Exports, SlowClient_HoldsMemoryDown_AndGetsEverything) {
  ASSERT_NO_FATAL_FAILURE(start());
  { const ClientSocket warm = stalled(); }
  ASSERT_TRUE(await([&] { return ended("client_gone") == 1; }));
  const ClientSocket client = stalled();
  const std::string rest = rest_of(client);
  EXPECT_THAT(rest.substr(rest.size() - 60), HasSubstr("offloader-status: complete"));
}

TEST_P(Exports, ClientLeaves_EndsTheQuery) {
  ASSERT_NO_FATAL_FAILURE(start());
  { const ClientSocket client = stalled(); }
  ASSERT_TRUE(await([&] { return ended("client_gone") == 1; })) << scene_.server().log();
  scene_.expect_serves(1);
}

TEST_P(Exports, ServerIsKilled_AnswerIsNotComplete) {
  ASSERT_NO_FATAL_FAILURE(start());
  const ClientSocket client = stalled();
  scene_.server().kill();
  EXPECT_THAT(rest_of(client), Not(HasSubstr(kLastChunk)));
}

TEST_P(ExportsOnce, ServerStops_AnswerIsWholeOrNotComplete) {
  ASSERT_NO_FATAL_FAILURE(start({{"OFFLOADER_DRAIN_SECONDS", "0"}}));
  const ClientSocket client = stalled();
  scene_.server().signal(SIGTERM);
  EXPECT_EQ(scene_.server().await_exit(), 0) << "a client that does not read keeps nobody from stopping";
  EXPECT_THAT(rest_of(client), Not(HasSubstr(kLastChunk)));
}

TEST_P(Exports, OthersWait_ThenAreShed_AndQueriesAreServed) {
  ASSERT_NO_FATAL_FAILURE(start({{"OFFLOADER_POOL_WAIT_MS", "200"}}));
  const ClientSocket first = stalled();
  const ClientSocket second(scene_.server().api_port());
  ASSERT_TRUE(second.send(export_request("sorted")));
  EXPECT_THAT(rest_of(second), HasSubstr("HTTP/1.1 503")) << "a pool of four has one place for exports";
  EXPECT_EQ(scene_.server().metric("offloader_shed_total{reason=\"export\"}"), 1);
  scene_.expect_serves(1);
  EXPECT_THAT(rest_of(first), HasSubstr("offloader-status: complete"));
}

TEST_P(Exports, SnapshotIsReplaced_RowsAreOfTheFirst) {
  ASSERT_NO_FATAL_FAILURE(start());
  ClientSocket client(scene_.server().api_port(), kSmallBuffer);
  ASSERT_TRUE(client.send(export_request("all")));
  std::string answer = client.receive();
  for (int number = 2; number <= 4; ++number) {
    scene_.publish(number, 100);
    EXPECT_EQ(scene_.refresh()["status"], "ok");
  }
  scene_.expect_serves(4);
  answer += rest_of(client);
  EXPECT_NO_FATAL_FAILURE(expect_whole(body_of(answer), 1));
  scene_.expect_tidy();
}

// The file of the index is cut off under a client that waits. What can no longer be read is never sent as
// rows.
TEST_P(ExportsOnce, IndexIsTruncated_AnswerIsNotComplete) {
  ASSERT_NO_FATAL_FAILURE(start());
  const ClientSocket client = stalled();
  std::filesystem::resize_file(scene_.file_of(1, ".index"), 4096);
  const std::string rest = rest_of(client);
  EXPECT_THAT(rest, Not(HasSubstr(kLastChunk)));
  EXPECT_THAT(rest, Not(HasSubstr("\r\n0,0,")));
  ASSERT_TRUE(await([&] { return ended("failed") == 1; }));
  scene_.expect_serves(1);
}

std::string name_of(const ::testing::TestParamInfo<const char*>& which) {
  return std::string("index_") + which.param;
}

INSTANTIATE_TEST_SUITE_P(ByIndex, ExportsOnce, ::testing::Values("on"), name_of);
INSTANTIATE_TEST_SUITE_P(ByIndexAndDuckdb, Exports, ::testing::Values("on", "off"), name_of);

}  // namespace
}  // namespace offloader::app
