// Projects, manifests and data entirely in a bucket, served by the real server (object-stores.md,
// snapshots.md).

#include <fstream>
#include <random>

#include "bucket_scene.h"

namespace offloader::app {
namespace {

using nlohmann::json;
using transport::testing::Fault;
using transport::testing::status_fault;

class RemoteProjectTest : public BucketScene {};
INSTANTIATE_TEST_SUITE_P(Stores, RemoteProjectTest, ::testing::Values("s3", "gs"),
                         [](const auto& each) { return std::string(each.param); });

json rows_of(const Answer& answer) {
  const auto body = json::parse(answer.body, nullptr, false);
  return body.is_object() && body.contains("data") ? body["data"] : json();
}

// Reads both endpoints continuously and counts answers other than 200.
class Readers {
 public:
  explicit Readers(std::uint16_t port) {
    for (const char* mode : {"local_table", "remote_scan"}) {
      threads_.emplace_back([this, port, mode] {
        HttpClient client(port);
        while (!over_.load()) {
          const auto answer = client.get(std::string("/v1/endpoints/") + mode);
          ++answers_;
          if (answer.status != 200 && failed_.fetch_add(1) == 0)
            first_ = std::string(mode) + ": " + answer.body;
        }
      });
    }
  }
  ~Readers() { stop(); }
  void stop() {
    over_.store(true);
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  [[nodiscard]] int answers() const { return answers_.load(); }
  [[nodiscard]] int failed() const { return failed_.load(); }
  [[nodiscard]] const std::string& first() const { return first_; }  // call after stop()

 private:
  std::atomic<bool> over_{false};
  std::atomic<int> answers_{0};
  std::atomic<int> failed_{0};
  std::string first_;
  std::vector<std::thread> threads_;
};

TEST_P(RemoteProjectTest, ConfigSync_EndpointAndSchemaChange_FailsNoRequest) {
  put_project("prod/");
  publish("prod/", 1, 150);
  TestServerOptions options;
  options.config_sync_interval = std::chrono::seconds(1);
  TestServer server(url("prod"), cache_.path(), options);
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  HttpClient client(server.api_port());
  const auto local = client.get("/v1/endpoints/local_table");
  const auto remote = client.get("/v1/endpoints/remote_scan");
  ASSERT_EQ(local.status, 200) << local.body;
  ASSERT_EQ(remote.status, 200) << remote.body;
  EXPECT_EQ(rows_of(local).size(), 100U);
  EXPECT_EQ(rows_of(local), rows_of(remote));
  EXPECT_EQ(json::parse(remote.body)["meta"]["serving_mode"], "remote_scan");

  Readers readers(server.api_port());
  for (const char* mode : {"local_table", "remote_scan"}) {
    put(std::string("prod/endpoints/") + mode + ".yml", endpoint(mode, 7));
  }
  EXPECT_TRUE(await([&] {
    return rows_of(client.get("/v1/endpoints/local_table")).size() == 7 &&
           rows_of(client.get("/v1/endpoints/remote_scan")).size() == 7;
  }));
  publish("prod/", 2, 150);
  EXPECT_TRUE(server.refresh("numbers")) << server.failure();
  EXPECT_EQ(rows_of(client.get("/v1/endpoints/remote_scan"))[0]["snapshot"], 2);
  // Remove a column from the contract and from both endpoints. A sync may see a revision in between, which is
  // invalid and rejected as a whole.
  for (const char* mode : {"local_table", "remote_scan"}) {
    put(std::string("prod/endpoints/") + mode + ".yml", endpoint(mode, 7, ""));
  }
  put("prod/datasets/numbers.yml", dataset(""));
  EXPECT_TRUE(await([&] {
    return !rows_of(client.get("/v1/endpoints/local_table"))[0].contains("name") &&
           !rows_of(client.get("/v1/endpoints/remote_scan"))[0].contains("name");
  }));
  readers.stop();
  EXPECT_GT(readers.answers(), 0);
  EXPECT_EQ(readers.failed(), 0) << readers.first();
}

TEST_P(RemoteProjectTest, DatabricksExport_NewCommit_IsServed) {
  const auto part = [](const char* name) {
    std::ifstream in(
        std::filesystem::path(OFFLOADER_SOURCE_DIR) / "examples/public-metrics/data/air_quality" / name,
        std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  contents_.put_folder("bucket", "prod/",
                       (std::filesystem::path(OFFLOADER_SOURCE_DIR) / "examples/public-metrics").string());
  auto yaml = *contents_.find("bucket", "prod/datasets/air_quality.yml")->bytes;
  const std::string manifest = "manifest: data/air_quality/manifest.json";
  ASSERT_NE(yaml.find(manifest), std::string::npos);
  yaml.replace(
      yaml.find(manifest), manifest.size(),
      "source: {type: databricks, bucket: \"" + std::string(GetParam()) + "://bucket\", prefix: export}");
  put("prod/datasets/air_quality.yml", yaml);
  put("export/_started_11", "");
  put("export/part-00000-tid-11-x.parquet", part("part-0.parquet"));
  put("export/part-00000-tid-10-x.parquet", "of a transaction before");
  put("export/_committed_11",
      R"({"added":["part-00000-tid-11-x.parquet"],"removed":["part-00000-tid-10-x.parquet"]})");
  put("export/_committed_vacuum_99", "{}");
  TestServer server(url("prod"), cache_.path());
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  HttpClient client(server.api_port());
  const auto answer = client.get("/v1/endpoints/air_quality");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(json::parse(answer.body)["meta"]["snapshot_id"], "tid_11");
  EXPECT_EQ(rows_of(answer).size(), 20U);
  put("export/part-00000-tid-12-x.parquet", part("part-0.parquet"));
  put("export/_committed_12", R"({"added":["part-00000-tid-12-x.parquet"],"removed":[]})");
  EXPECT_TRUE(server.refresh("air_quality")) << server.failure();
  EXPECT_EQ(json::parse(client.get("/v1/endpoints/air_quality").body)["meta"]["snapshot_id"], "tid_12");
}

// A 503 that a client can act on: it says when to retry and reveals nothing internal.
bool is_clean_503(const Answer& answer) {
  const auto body = json::parse(answer.body, nullptr, false);
  return answer.status == 503 && answer.headers.contains("retry-after") && body.is_object() &&
         body.value(json::json_pointer("/error/family"), "") == "not_ready" &&
         answer.body.find("://") == std::string::npos;
}

// Every answer has all rows of one snapshot, or is a clean 503.
TEST_P(RemoteProjectTest, Answers_RandomFaults_AreRightOrAClean503) {
  constexpr int kRows = 200;
  put_project("");
  for (const char* mode : {"local_table", "remote_scan"})
    put(std::string("endpoints/") + mode + ".yml", endpoint(mode, 1000));
  publish("", 1, kRows);
  TestServerOptions options;
  options.config_sync_interval = std::chrono::seconds(1);
  TestServer server(url(""), cache_.path(), options);
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  const char* const given = std::getenv("OFFLOADER_FAULT_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  std::cout << "OFFLOADER_FAULT_SEED=" << seed << "\n";
  std::mutex random_mutex;
  std::minstd_rand random(seed);
  store().choose_faults([&](const auto&) -> std::optional<Fault> {
    const std::lock_guard lock(random_mutex);
    Fault fault;
    switch (random() % 20) {
      case 0:
        return status_fault(503, "0");
      case 1:
        return status_fault(429, "0");
      case 2:
        fault.drop = true;
        break;
      case 3:
        fault.reset_after = random() % 3000;
        break;
      case 4:
        fault.close_after = random() % 3000;
        break;
      case 5:
        fault.shorten_to = random() % 3000;
        break;
      case 6:
        fault.delay = std::chrono::milliseconds(random() % 100);
        break;
      case 7:
        return status_fault(500);
      default:
        return std::nullopt;
    }
    return fault;
  });
  std::atomic<bool> over{false};
  std::atomic<int> right{0};
  std::atomic<int> shed{0};
  std::mutex wrong_mutex;
  std::vector<std::string> wrong;
  std::vector<std::thread> readers;
  for (const char* mode : {"local_table", "remote_scan", "remote_scan"}) {
    readers.emplace_back([&, mode] {
      HttpClient reader(server.api_port());
      while (!over.load()) {
        const auto answer = reader.get(std::string("/v1/endpoints/") + mode);
        // Local tables need no store.
        if (is_clean_503(answer) && std::string_view(mode) == "remote_scan") {
          ++shed;
          continue;
        }
        const auto rows = rows_of(answer);
        bool whole = answer.status == 200 && rows.size() == kRows;
        for (std::size_t i = 0; whole && i < kRows; ++i) {
          whole = rows[i]["id"] == i && rows[i]["snapshot"] == rows[0]["snapshot"] &&
                  rows[i]["name"] == "name " + std::to_string(i);
        }
        if (whole) {
          ++right;
          continue;
        }
        const std::lock_guard lock(wrong_mutex);
        wrong.push_back(std::string(mode) + " " + std::to_string(answer.status) + " " +
                        answer.body.substr(0, 300));
      }
    });
  }
  const auto until =
      std::chrono::steady_clock::now() + (soak() ? std::chrono::seconds(120) : std::chrono::seconds(4));
  int snapshot = 1;
  while (std::chrono::steady_clock::now() < until) {
    publish("", ++snapshot, kRows);
    static_cast<void>(server.server().refresh_and_wait("numbers"));
  }
  over.store(true);
  for (auto& reader : readers) reader.join();
  store().choose_faults({});
  std::cout << right << " right, " << shed << " shed, " << snapshot << " snapshots\n";
  EXPECT_THAT(wrong, ::testing::IsEmpty());
  EXPECT_GT(right.load(), 0);
  // After the faults, the served snapshot is complete; after a refresh both modes serve the last snapshot;
  // and no partial files are left.
  HttpClient client(server.api_port());
  for (const bool refreshed : {false, true}) {
    if (refreshed) {
      EXPECT_TRUE(server.refresh("numbers")) << server.failure();
    }
    for (const char* mode : {"local_table", "remote_scan"}) {
      const auto rows = rows_of(client.get(std::string("/v1/endpoints/") + mode));
      ASSERT_EQ(rows.size(), static_cast<std::size_t>(kRows)) << mode;
      for (const auto& row : rows)
        EXPECT_EQ(row["snapshot"], refreshed ? json(snapshot) : rows[0]["snapshot"]);
    }
  }
  EXPECT_TRUE(await([&] {
    std::map<std::string, int> left;
    for (const auto& entry : std::filesystem::directory_iterator(cache_.path() / "datasets/numbers"))
      ++left[entry.path().extension().string()];
    // The active and the previous snapshot, each with its record, and state.json.
    return left[".building"] == 0 && left[".duckdb"] == 2 && left[".json"] == 3;
  }));
}

// More callers query the slow store than there are connections and places in the queue, each with its own
// query. They get at most three of the four connections.
TEST_P(RemoteProjectTest, LocalTables_SlowRemoteReads_AreStillServed) {
  if (!soak() && std::string(GetParam()) == "gs") GTEST_SKIP() << "once is enough for the short version";
  put_project("");
  publish("", 1, 300);
  // The index answers without a connection; DuckDB needs one.
  for (const bool index : soak() ? std::vector<bool>{true, false} : std::vector<bool>{false}) {
    const TemporaryFolder cache;
    TestServer server(url(""), cache.path(), {.use_index = index});
    ASSERT_TRUE(server.started()) << server.failure();
    ASSERT_TRUE(server.await_ready()) << server.failure();
    const int asked = soak() ? 3000 : 100;
    const auto p99 = [&] {
      HttpClient client(server.api_port());
      std::vector<double> times;
      for (int i = 0; i < asked; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(client.get("/v1/endpoints/local_table?limit=" + std::to_string(1 + i % 90)).status, 200);
        times.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
      }
      std::sort(times.begin(), times.end());
      return times[times.size() * 99 / 100];
    };
    static_cast<void>(p99());  // warm up
    const auto idle = p99();
    store().set_latency(std::chrono::milliseconds(300));
    std::atomic<bool> over{false};
    std::atomic<int> remote{0};
    std::atomic<int> shed{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 64; ++i) {
      callers.emplace_back([&, i] {
        HttpClient client(server.api_port());
        while (!over.load()) {
          const auto answer = client.get("/v1/endpoints/remote_scan?limit=" + std::to_string(1 + i));
          EXPECT_THAT(answer.status, ::testing::AnyOf(200, 503)) << answer.body;
          ++(answer.status == 200 ? remote : shed);
          // Retry after a pause, because retries are not what this measures.
          if (answer.status == 503) std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
      });
    }
    EXPECT_TRUE(await([&] { return remote.load() > 3 && shed.load() > 0; }));
    const auto busy = p99();
    over.store(true);
    for (auto& caller : callers) caller.join();
    store().set_latency(std::chrono::milliseconds(0));
    std::cout << "index " << (index ? "on" : "off") << ", p99 of local tables: idle " << idle
              << " ms, with slow remote reads " << busy << " ms, ratio " << busy / idle << "; " << remote
              << " remote answers, " << shed << " shed\n";
    if (soak()) {
      EXPECT_LT(busy, 2 * idle);
    }
  }
}

}  // namespace
}  // namespace offloader::app
