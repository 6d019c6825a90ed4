// Faults beneath the server or at the source: the snapshot stays in service, the outcome is `rejected` or
// `failed` as the fault requires, and the message says what to do (snapshots.md).

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "numbers_scene.h"
#include "offloader/base/file.h"
#include "offloader/transport/testing/fake_server.h"
#include "small_disk.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void expect_outcome(const json& report, const std::string& status, const std::string& says) {
  ASSERT_TRUE(report.contains("status") && report.contains("error")) << report.dump();
  EXPECT_EQ(report["status"], status) << report.dump();
  const json& error = report["error"];
  EXPECT_THAT(error.is_string() ? error.get<std::string>() : "", HasSubstr(says)) << report.dump();
}

constexpr std::int64_t kFew = 5'000;
constexpr std::int64_t kMany = 400'000;  // more than 12 MB on disk, which the CSV's size does not suggest

TEST(SnapshotFaults, Refresh_FullDisk_FailsAndKeepsServing) {
  NumbersScene scene;
  const auto disk = SmallDisk::mount_over(scene.disk(), 192 << 20);
  if (!disk) GTEST_SKIP() << "needs the right to mount; AFileThatMayNotGrow… holds the same without it";
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(scene.start());
  scene.publish(2, kFew);
  ASSERT_EQ(scene.refresh()["status"], "ok");

  scene.publish(3, kMany);
  disk->fill(4 << 20);
  const json failed = scene.refresh();
  expect_outcome(failed, "failed", "disk is full");
  EXPECT_THAT(failed["error"].get<std::string>(), HasSubstr("OFFLOADER_CACHE_DIR"));
  EXPECT_EQ(failed["findings"], json::array());
  EXPECT_EQ(scene.status()["manifest_valid"], true) << "nothing is known of the data";
  scene.expect_serves(2);
  scene.expect_tidy();

  disk->fill(0);
  expect_outcome(scene.refresh(), "failed", "no room");
  const json rollback = scene.act("rollback");
  EXPECT_NE(rollback["http"], 200);
  EXPECT_THAT(rollback.dump(), HasSubstr("OFFLOADER_CACHE_DIR"));
  scene.expect_serves(2);
  EXPECT_EQ(scene.status()["quarantined_snapshot_id"], nullptr);

  disk->free_up();
  expect_outcome(scene.refresh(), "ok", "");
  scene.expect_serves(3);
  scene.expect_tidy();
  EXPECT_EQ(scene.stop(), 0) << scene.server().log();
}

TEST(SnapshotFaults, Refresh_AFileThatMayNotGrow_FailsAndKeepsServing) {
  NumbersScene scene;
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(scene.start());
  scene.publish(2, kFew);
  ASSERT_EQ(scene.refresh()["status"], "ok");
  const auto limit = [&](rlim_t bytes) {
    struct rlimit limits {};
    ASSERT_EQ(::prlimit(scene.server().pid(), RLIMIT_FSIZE, nullptr, &limits), 0);
    limits.rlim_cur = std::min(bytes, limits.rlim_max);
    ASSERT_EQ(::prlimit(scene.server().pid(), RLIMIT_FSIZE, &limits, nullptr), 0);
  };
  scene.publish(3, kMany);
  limit(3 << 20);
  const json failed = scene.refresh();
  expect_outcome(failed, "failed", "cannot be written");
  EXPECT_THAT(failed["error"].get<std::string>(), HasSubstr("OFFLOADER_CACHE_DIR"));
  scene.expect_serves(2);
  scene.expect_tidy();
  limit(RLIM_INFINITY);
  expect_outcome(scene.refresh(), "ok", "");
  scene.expect_serves(3);
  EXPECT_EQ(scene.stop(), 0) << scene.server().log();
}

void expect_read_only_is_survived(NumbersScene& scene, const std::function<void()>& forbid,
                                  const std::function<void()>& allow) {
  scene.publish(2, kFew);
  ASSERT_EQ(scene.refresh()["status"], "ok") << scene.server().log();
  scene.publish(3, kFew);
  forbid();
  const json failed = scene.refresh();
  expect_outcome(failed, "failed", "he cache folder cannot be written");
  EXPECT_THAT(failed["error"].get<std::string>(), HasSubstr("OFFLOADER_CACHE_DIR"));
  const json rollback = scene.act("rollback");
  EXPECT_NE(rollback["http"], 200);
  EXPECT_THAT(rollback.dump(), HasSubstr("OFFLOADER_CACHE_DIR"));
  EXPECT_EQ(scene.status()["active_snapshot"]["snapshot_id"], "s2");
  EXPECT_EQ(scene.status()["previous_snapshot"]["snapshot_id"], "s1");
  EXPECT_EQ(scene.status()["quarantined_snapshot_id"], nullptr);
  scene.expect_serves(2);
  allow();
  expect_outcome(scene.refresh(), "ok", "");
  scene.expect_serves(3);
  scene.expect_tidy();
  EXPECT_EQ(scene.stop(), 0) << scene.server().log();
}

TEST(SnapshotFaults, Refresh_FolderWhoseRightsAreTakenAway_FailsAndKeepsServing) {
  NumbersScene scene;
  fs::create_directories(scene.cache());
  // Root ignores permissions, so the program runs under another account.
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::chown(scene.cache().c_str(), 65534, 65534), 0);
  }
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(scene.start({}, root));
  const auto set_rights = [&](fs::perms rights) {
    fs::permissions(scene.cache() / "datasets", rights);
    fs::permissions(scene.cache() / "datasets/numbers", rights);
  };
  const auto read_only = fs::perms::owner_read | fs::perms::owner_exec;
  expect_read_only_is_survived(
      scene, [&] { set_rights(read_only); }, [&] { set_rights(fs::perms::owner_all); });
}

TEST(SnapshotFaults, Refresh_FolderMountedReadOnly_FailsAndKeepsServing) {
  NumbersScene scene;
  fs::create_directories(scene.cache());
  std::unique_ptr<ReadOnlyMount> mount = ReadOnlyMount::over(scene.cache());
  if (!mount) GTEST_SKIP() << "needs the right to mount; …WhoseRightsAreTakenAway… holds the same without it";
  mount.reset();
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(scene.start());
  expect_read_only_is_survived(
      scene, [&] { mount = ReadOnlyMount::over(scene.cache()); }, [&] { mount.reset(); });
}

// Flips one bit in every 16 KiB from `from` on, so that any read of the file meets damage.
void flip_bits(const fs::path& path, std::uint64_t from) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = fs::file_size(path);
  std::minstd_rand random(std::random_device{}());
  for (std::uint64_t at = from; at < size; at += 16 << 10) {
    const auto byte =
        static_cast<std::streamoff>(at + random() % std::min<std::uint64_t>(size - at, 16 << 10));
    file.seekg(byte);
    const int was = file.get();
    file.seekp(byte);
    file.put(static_cast<char>(was ^ (1 << random() % 8)));
  }
}

enum class Damage { one_bit, flipped, truncated };
void damage(const fs::path& path, Damage how) {
  if (how == Damage::one_bit) {
    // Within the first rows, which attaching the file does not read.
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(100'000);
    const int was = file.get();
    file.seekp(100'000);
    file.put(static_cast<char>(was ^ 4));
  } else if (how == Damage::flipped) {
    flip_bits(path, 16 << 10);  // after the headers, so that it still looks like a DuckDB file
  } else {
    fs::resize_file(path, fs::file_size(path) / 2);
  }
}

class DamagedFile : public ::testing::TestWithParam<Damage> {
 protected:
  // Serves s2, with s1 before it, from a server that has read no row of either since its start, so that a
  // query finds the damage.
  void start_cold(const char* index) {
    scene_.publish(1, kMany);
    ASSERT_NO_FATAL_FAILURE(scene_.start({{"OFFLOADER_INDEX", index}}));
    scene_.publish(2, kMany);
    ASSERT_EQ(scene_.refresh()["status"], "ok");
    ASSERT_EQ(scene_.stop(), 0);
    ASSERT_NO_FATAL_FAILURE(scene_.start({{"OFFLOADER_INDEX", index}}));
    ASSERT_TRUE(
        await([&] { return scene_.server().log().find("files were verified") != std::string::npos; }));
  }
  bool quarantined() const { return !scene_.file_of(2, ".corrupt").empty(); }
  // Check this before asking the server: between the rename and the swap to s1 it still serves s2.
  bool built_again() const { return quarantined() && !scene_.file_of(2, ".duckdb").empty(); }
  NumbersScene scene_;
};
INSTANTIATE_TEST_SUITE_P(SnapshotFaults, DamagedFile,
                         ::testing::Values(Damage::one_bit, Damage::flipped, Damage::truncated),
                         [](const auto& one) {
                           return one.param == Damage::one_bit   ? "OneBit"
                                  : one.param == Damage::flipped ? "Flipped"
                                                                 : "Truncated";
                         });

TEST_P(DamagedFile, Query_DamagedSnapshot_IsNotServedAndRebuilt) {
  start_cold("off");
  damage(scene_.file_of(2, ".duckdb"), GetParam());
  HttpClient client(scene_.server().api_port());
  std::string problem;
  int refused = 0;
  // Until the rebuilt snapshot is served, answers are complete rows of s1 or s2, or 503.
  const bool rebuilt = await([&] {
    const bool whole_again = built_again();
    const Answer answer = client.get(numbers::kScan);
    if (answer.status != 200) {
      EXPECT_EQ(answer.status, 503) << answer.body;
      ++refused;
      return false;
    }
    const int number = numbers::scanned_snapshot(answer, kMany, problem);
    EXPECT_NE(number, 0) << problem;
    return number == 0 || (number == 2 && whole_again);
  });
  EXPECT_TRUE(rebuilt) << scene_.server().log();
  EXPECT_TRUE(quarantined());
  std::printf("[ figures  ] %d answers were \"come back\" before the previous snapshot took over\n", refused);
  scene_.expect_serves(2);
  EXPECT_THAT(scene_.server().log(), HasSubstr("A snapshot file is damaged"));
  scene_.expect_tidy();
  EXPECT_EQ(scene_.stop(), 0);
}

TEST_P(DamagedFile, Restart_DamagedSnapshot_IsNotServedAndRebuilt) {
  start_cold("on");
  ASSERT_EQ(scene_.stop(), 0);
  damage(scene_.file_of(2, ".duckdb"), GetParam());
  // Send no request: the check at start must find the damage by itself.
  ASSERT_NO_FATAL_FAILURE(scene_.start({{"OFFLOADER_INDEX", "on"}}));
  EXPECT_TRUE(await([&] {
    if (!built_again()) return false;
    const json status = scene_.status();
    return status["active_snapshot"].is_object() && status["active_snapshot"]["snapshot_id"] == "s2" &&
           status["building"].is_null();
  })) << scene_.server().log();
  scene_.expect_serves(2);
  scene_.expect_tidy();
  EXPECT_EQ(scene_.stop(), 0);
}

TEST_P(DamagedFile, Restart_DamagedIndex_KeepsServingTheSnapshot) {
  start_cold("on");
  ASSERT_EQ(scene_.stop(), 0);
  damage(scene_.file_of(2, ".index"), GetParam());
  ASSERT_NO_FATAL_FAILURE(scene_.start({{"OFFLOADER_INDEX", "on"}}));
  scene_.expect_serves(2);
  EXPECT_FALSE(quarantined());
  EXPECT_EQ(scene_.stop(), 0);
}

// The index is mapped: reading a page that the file no longer has raises SIGBUS, which would end the process.
TEST(SnapshotFaults, Query_IndexTruncatedWhileServing_IsStillAnswered) {
  NumbersScene scene;
  scene.publish(1, kMany);
  ASSERT_NO_FATAL_FAILURE(scene.start({{"OFFLOADER_INDEX", "on"}}));
  fs::resize_file(scene.file_of(1, ".index"), 4096);
  scene.expect_serves(1);
  scene.expect_serves(1);
  EXPECT_EQ(scene.stop(), 0) << scene.server().log();
}

// Returns the file, or the requested range of it.
transport::testing::Answer part_of(const transport::testing::Request& request,
                                   const std::shared_ptr<const std::string>& file) {
  transport::testing::Answer answer;
  answer.headers = {{"ETag", "\"v1\""}, {"Accept-Ranges", "bytes"}};
  answer.content = file;
  answer.length = file->size();
  unsigned long long first = 0;
  unsigned long long last = 0;
  if (std::sscanf(request.header("range").c_str(), "bytes=%llu-%llu", &first, &last) == 2) {
    last = std::min<unsigned long long>(last, file->size() - 1);
    answer.status = 206;
    answer.offset = first;
    answer.length = last - first + 1;
    answer.headers.emplace_back(
        "Content-Range",
        "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + std::to_string(file->size()));
  }
  return answer;
}

TEST(SnapshotFaults, Refresh_HangingSource_FailsAndDelaysNoOther) {
  using transport::testing::Fault;
  const bool soak = std::getenv("OFFLOADER_SOAK") != nullptr;
  const auto csv = std::make_shared<const std::string>(numbers::csv_text(1, kFew));
  const auto manifest =
      std::make_shared<const std::string>(numbers::manifest_text(1, kFew, "numbers-1.csv", ""));
  std::atomic<bool> hangs{false};
  transport::testing::FakeServer source([&](const transport::testing::Request& request) {
    return part_of(request, request.path == "/numbers.json" ? manifest : csv);
  });
  source.choose_faults([&](const transport::testing::Request&) -> std::optional<Fault> {
    if (!hangs) return std::nullopt;
    Fault fault;
    fault.hang = true;
    return fault;
  });
  NumbersScene scene("manifest: " + source.url() + "/numbers.json");
  ASSERT_TRUE(write_file_atomically(scene.project() / "offloader.yml",
                                    "version: 1\nauth: none\nallowed_origins: [\"" + source.url() + "\"]\n"));
  // A second dataset, with a folder as its source.
  fs::create_directories(scene.project() / "data");
  ASSERT_TRUE(write_file_atomically(
      scene.project() / "datasets/sibling.yml",
      "id: sibling\nmanifest: data/sibling.json\nschema: [{name: id, type: INTEGER}, {name: snapshot, type: "
      "INTEGER}, {name: note, type: VARCHAR}]\n"));
  const auto offer_sibling = [&](int number) {
    const std::string name = "sibling-" + std::to_string(number) + ".csv";
    std::string text = numbers::manifest_text(number, 10, name, "");
    text.replace(text.find("numbers"), 7, "sibling");
    ASSERT_TRUE(write_file_atomically(scene.project() / "data" / name, numbers::csv_text(number, 10)));
    ASSERT_TRUE(write_file_atomically(scene.project() / "data/sibling.json", text));
  };
  offer_sibling(1);
  ASSERT_NO_FATAL_FAILURE(scene.start());
  HttpClient client(scene.server().api_port());
  std::string problem;
  ASSERT_EQ(numbers::whole_snapshot(client.get(numbers::kRows), kFew, problem), 1) << problem;

  hangs = true;
  HttpClient admin(scene.server().admin_port());
  ASSERT_EQ(admin.send("POST", "/datasets/numbers/refresh?wait=false", kAdminToken).status, 202);
  ASSERT_TRUE(await([&] { return source.count("GET", "/numbers.json") >= 2; }));
  offer_sibling(2);
  const json sibling = json::parse(admin.send("POST", "/datasets/sibling/refresh", kAdminToken).body);
  EXPECT_EQ(sibling["status"], "ok") << sibling.dump();
  EXPECT_EQ(numbers::whole_snapshot(client.get(numbers::kRows), kFew, problem), 1) << problem;
  if (soak) {
    ASSERT_TRUE(await([&] { return scene.status()["last_attempted"]["status"] == "failed"; }));
    const json status = scene.status();
    EXPECT_THAT(status["refresh_error"].get<std::string>(),
                AllOf(HasSubstr("the manifest "), HasSubstr("/numbers.json cannot be read")));
    EXPECT_EQ(status["source_reachable"], false);
    EXPECT_EQ(status["manifest_valid"], true);
    EXPECT_EQ(numbers::whole_snapshot(client.get(numbers::kRows), kFew, problem), 1) << problem;
    ASSERT_EQ(admin.send("POST", "/datasets/numbers/refresh?wait=false", kAdminToken).status, 202);
  }
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(scene.stop(), 0) << scene.server().log();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  std::printf("[ figures  ] shut down beside a source that hangs in %.2f s\n", taken.count());
  if (soak) {
    EXPECT_LT(taken.count(), 5);
  }
}

// Publishes large snapshots until one was changed during its build. A build may end before the change is
// made; then it is served. Returns the last number it published.
int refresh_while_it_changes(NumbersScene& scene, int number, const std::function<void(int)>& change) {
  HttpClient admin(scene.server().admin_port());
  for (int tries = 0; tries < 20; ++tries, number += 2) {
    scene.publish(number, 2 * kMany);
    EXPECT_EQ(admin.send("POST", "/datasets/numbers/refresh?wait=false", kAdminToken).status, 202);
    const auto of_this = [&](const json& status) {
      return status["last_attempted"].is_object() &&
             status["last_attempted"]["snapshot_id"] == "s" + std::to_string(number);
    };
    EXPECT_TRUE(await([&] {
      const json status = scene.status();
      return status["building"].is_object() || of_this(status);
    }));
    change(number);
    EXPECT_TRUE(await([&] {
      const json status = scene.status();
      return status["building"].is_null() && of_this(status);
    }));
    if (scene.status()["last_attempted"]["status"] != "ok") break;
  }
  const json status = scene.status();
  EXPECT_EQ(status["last_attempted"]["status"], "failed") << status.dump();
  EXPECT_THAT(status["refresh_error"].get<std::string>(), HasSubstr("write new files under new names"));
  return number;
}

TEST(SnapshotFaults, Refresh_SourceChangesDuringTheBuild_FailsThenTakesTheNewOne) {
  NumbersScene scene;
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(scene.start());
  // The manifest is replaced while its files are read.
  int number = refresh_while_it_changes(scene, 2, [&](int read) { scene.publish(read + 1, kFew); });
  EXPECT_EQ(scene.status()["manifest_valid"], true);
  expect_outcome(scene.refresh(), "ok", "");
  scene.expect_serves(++number);
  // A file is modified while it is read.
  const int last_whole = number;
  number = refresh_while_it_changes(scene, number + 1, [&](int read) {
    std::ofstream(scene.project() / fmt::format("data/numbers-{}.csv", read), std::ios::app) << "0,0,late\n";
  });
  if (number == last_whole + 1) scene.expect_serves(last_whole);
  // Half a manifest is rejected; the complete one is accepted.
  const int serving =
      std::stoi(scene.status()["active_snapshot"]["snapshot_id"].get<std::string>().substr(1));
  scene.publish(++number, kFew);
  const fs::path manifest = scene.project() / "data/numbers.json";
  const std::string whole = read_file(manifest, 1 << 20).value();
  std::ofstream(manifest, std::ios::trunc) << whole.substr(0, whole.size() / 2);
  expect_outcome(scene.refresh(), "rejected", "");
  scene.expect_serves(serving);
  EXPECT_EQ(scene.status()["manifest_valid"], false);
  std::ofstream(manifest, std::ios::trunc) << whole;
  expect_outcome(scene.refresh(), "ok", "");
  scene.expect_serves(number);
  scene.expect_tidy();
}

}  // namespace
}  // namespace offloader::app
