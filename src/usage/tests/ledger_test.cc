#include "offloader/usage/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "offloader/base/testing/manual_clock.h"
#include "offloader/base/testing/temporary_folder.h"

namespace offloader::usage {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const Hour kNoon = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + std::chrono::hours(12);

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() { open(); }

  void open(LedgerOptions options = {}) {
    ledger_.reset();
    options.folder = usage();
    auto opened = Ledger::open(std::move(options), clock_, telemetry_->log());
    ASSERT_TRUE(opened) << opened.error().detail;
    ledger_ = std::move(*opened);
  }
  fs::path usage() const { return folder_.path() / "usage"; }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(usage())) out.push_back(entry.path().filename());
    return out;
  }
  void flush() {
    const auto written = ledger_->flush();
    ASSERT_TRUE(written) << written.error().detail;
  }
  void record(std::string_view key, std::string_view endpoint, int times = 1, int status = 200,
              std::string_view tenant = "") {
    for (int i = 0; i < times; ++i)
      ledger_->record({key, tenant, endpoint, status, 10, 100, std::chrono::microseconds(5)});
  }
  // Everything, by what is asked.
  Report report(Question asked) {
    asked.from = kNoon - std::chrono::days{400};
    asked.to = kNoon + std::chrono::days{400};
    auto made = ledger_->report(asked);
    if (!made) ADD_FAILURE() << made.error().message << made.error().detail;
    return made.value_or(Report{});
  }
  // The requests of each key.
  std::map<std::string, std::int64_t> by_key() {
    std::map<std::string, std::int64_t> out;
    for (const Line& line : report({.by_key = true}).lines) out[line.key] = line.counts.requests();
    return out;
  }

  TemporaryFolder folder_;
  ManualClock clock_;
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, Answers_AreSummedByCallerTenantEndpointAndFamily) {
  record("app", "orders", 3, 200, "acme");
  record("app", "orders", 2, 304, "acme");
  record("app", "orders", 1, 422, "acme");
  record("app", "orders", 1, 503, "acme");
  record("other", "orders");
  const Report all = report({.by_hour = true, .by_key = true, .by_tenant = true, .by_endpoint = true});
  ASSERT_EQ(all.lines.size(), 2U);
  EXPECT_EQ(all.lines[0].hour, kNoon);
  EXPECT_EQ(all.lines[0].key, "app");
  EXPECT_EQ(all.lines[0].tenant, "acme");
  EXPECT_EQ(all.lines[0].endpoint, "orders");
  EXPECT_EQ(all.lines[0].counts, (Counts{3, 2, 1, 1, 70, 700, 35}));
  EXPECT_EQ(all.lines[1].key, "other");
  EXPECT_THAT(all.called, ElementsAre("orders"));
}

TEST_F(LedgerTest, Report_SumsOverWhatIsNotAsked) {
  record("app", "orders", 2, 200, "acme");
  record("app", "items", 1, 200, "acme");
  record("other", "orders", 4, 200, "globex");
  EXPECT_EQ(report({}).lines.size(), 1U);
  EXPECT_EQ(report({}).lines.front().counts.requests(), 7);
  const auto endpoints = report({.by_endpoint = true}).lines;
  ASSERT_EQ(endpoints.size(), 2U);
  EXPECT_EQ(endpoints[0].endpoint, "items");
  EXPECT_EQ(endpoints[1].counts.requests(), 6);
  const auto tenants = report({.by_tenant = true}).lines;
  ASSERT_EQ(tenants.size(), 2U);
  EXPECT_EQ(tenants[1].tenant, "globex");
}

TEST_F(LedgerTest, Report_OfATime_HasItsHoursOnly) {
  record("app", "orders");
  clock_.advance(1h);
  record("app", "orders", 2);
  clock_.advance(24h);
  record("app", "items", 4);
  const auto requests = [&](Hour from, Hour to) {
    const auto made = ledger_->report({.from = from, .to = to});
    return made->lines.empty() ? 0 : made->lines.front().counts.requests();
  };
  EXPECT_EQ(requests(kNoon, kNoon + 1h), 1);
  EXPECT_EQ(requests(kNoon + 1h, kNoon + 2h), 2);
  EXPECT_EQ(requests(kNoon, kNoon + 25h), 3);
  EXPECT_EQ(requests(kNoon + 25h, kNoon + 26h), 4);
  EXPECT_EQ(requests(kNoon - 100h, kNoon), 0);
  EXPECT_THAT(ledger_->report({.from = kNoon, .to = kNoon + 2h})->called, ElementsAre("orders"));
}

TEST_F(LedgerTest, Restart_GoesOnInTheSameHour) {
  record("app", "orders", 3);
  flush();
  record("app", "orders", 2);
  ledger_->stop();
  open();
  record("app", "orders", 4);
  record("new", "orders");
  flush();
  record("app", "orders");
  EXPECT_THAT(by_key(), UnorderedElementsAre(std::pair("app", 10), std::pair("new", 1)));
}

TEST_F(LedgerTest, Hours_ThatAreOver_StayInTheFile) {
  for (int hour = 0; hour < 30; ++hour) {
    record("app", "orders", hour + 1);
    if (hour % 3 == 0) flush();
    clock_.advance(1h);
  }
  const auto lines = report({.by_hour = true}).lines;
  ASSERT_EQ(lines.size(), 30U);
  for (int hour = 0; hour < 30; ++hour) {
    EXPECT_EQ(lines[static_cast<std::size_t>(hour)].counts.requests(), hour + 1);
    EXPECT_EQ(lines[static_cast<std::size_t>(hour)].hour, kNoon + std::chrono::hours(hour));
  }
  EXPECT_THAT(files(), UnorderedElementsAre("2026-01-31.usage", "2026-02-01.usage"));
}

TEST_F(LedgerTest, ClockThatGoesBack_LosesNothing) {
  record("app", "orders", 3);
  clock_.advance(2h);
  record("app", "orders", 2);
  flush();
  clock_.advance(-2h);
  record("app", "orders", 1);
  flush();
  const auto lines = report({.by_hour = true}).lines;
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].counts.requests(), 4);
  EXPECT_EQ(lines[1].counts.requests(), 2);
}

TEST_F(LedgerTest, LinesBeyondTheBound_CountUnderOther) {
  open({.most_lines = 10});
  for (int i = 0; i < 25; ++i) record("key" + std::to_string(i), i % 2 == 0 ? "orders" : "items");
  flush();
  for (int i = 0; i < 25; ++i) record("key" + std::to_string(i), i % 2 == 0 ? "orders" : "items");
  const auto keys = by_key();
  EXPECT_EQ(keys.size(), 11U);
  EXPECT_EQ(keys.at("_other"), 30);
  EXPECT_EQ(keys.at("key0"), 2);
  EXPECT_THAT(report({}).called, ElementsAre("items", "orders"));
}

TEST_F(LedgerTest, Names_OfAnyText_ComeBack) {
  const std::vector<std::string> names = {"tab\there", "line\nend", "back\\slash",
                                          "\\t",       "ümläut €",  "a,b\"c"};
  for (const std::string& name : names) record(name, "orders");
  const auto keys = by_key();
  EXPECT_EQ(keys.size(), names.size());
  for (const std::string& name : names) EXPECT_EQ(keys.count(name), 1U) << name;
}

TEST_F(LedgerTest, Names_ThatAreTooLong_AreCutAndStayApart) {
  const std::string name(5000, 'x');
  record(name + "1", "orders");
  record(name + "2", "orders", 2);
  const auto keys = by_key();
  ASSERT_EQ(keys.size(), 2U);
  for (const auto& [key, requests] : keys) EXPECT_LE(key.size(), 256U);
}

TEST_F(LedgerTest, OldFiles_AreRemoved) {
  open({.days = 2});
  for (int day = 0; day < 5; ++day) {
    record("app", "orders");
    flush();
    clock_.advance(24h);
  }
  record("app", "orders");
  flush();
  EXPECT_THAT(files(), UnorderedElementsAre("2026-02-03.usage", "2026-02-04.usage", "2026-02-05.usage"));
}

TEST_F(LedgerTest, DamagedFile_IsSetAside) {
  record("app", "orders", 5);
  ledger_->stop();
  const fs::path file = usage() / "2026-01-31.usage";
  const std::string whole = contents(file);
  ASSERT_FALSE(whole.empty());
  std::vector<std::string> broken = {"", "x", whole.substr(0, whole.size() - 1), whole.substr(1),
                                     whole + "x"};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    broken.push_back(whole);
    broken.back()[i] ^= 1;
  }
  for (const std::string& text : broken) {
    fs::remove_all(usage());
    fs::create_directory(usage());
    std::ofstream(file, std::ios::binary) << text;
    open();
    int seen = 0;
    ledger_->read_day(std::chrono::floor<std::chrono::days>(kNoon), [&](const auto&, auto, auto) { ++seen; });
    EXPECT_EQ(seen, 0);
    record("app", "orders");
    EXPECT_EQ(by_key().at("app"), 1) << text;
    EXPECT_THAT(files(), UnorderedElementsAre("2026-01-31.usage", "2026-01-31.usage.damaged")) << text;
    EXPECT_EQ(contents(usage() / "2026-01-31.usage.damaged"), text);
  }
}

TEST_F(LedgerTest, Folder_ThatCannotBeWritten_KeepsWhatWasCounted) {
  record("app", "orders", 2);
  fs::create_directory(usage() / "2026-01-31.usage.part");  // in the way of the temporary file
  std::ofstream(usage() / "2026-01-31.usage.part" / "full") << "x";
  EXPECT_FALSE(ledger_->flush());
  record("app", "orders", 3);
  EXPECT_FALSE(ledger_->flush());
  fs::remove_all(usage() / "2026-01-31.usage.part");
  EXPECT_EQ(by_key().at("app"), 5);
}

TEST_F(LedgerTest, Folder_ThatCannotBeWrittenForHours_KeepsTheLastOnes) {
  fs::create_directory(usage() / "2026-01-31.usage.part");
  std::ofstream(usage() / "2026-01-31.usage.part" / "full") << "x";
  for (int hour = 0; hour < 8; ++hour) {
    record("app", "orders", hour + 1);
    EXPECT_FALSE(ledger_->flush());
    clock_.advance(1h);
  }
  fs::remove_all(usage() / "2026-01-31.usage.part");
  const auto lines = report({.by_hour = true}).lines;
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines.front().counts.requests(), 5);
  EXPECT_EQ(lines.back().counts.requests(), 8);
}

TEST_F(LedgerTest, UnfinishedFiles_AreRemovedAtStart) {
  std::ofstream(usage() / "2026-01-30.usage.part") << "half";
  std::ofstream(usage() / "notes.txt") << "an operator's";
  open();
  EXPECT_THAT(files(), ElementsAre("notes.txt"));
}

TEST_F(LedgerTest, Folder_ThatIsALink_IsRefused) {
  ledger_.reset();
  fs::remove_all(usage());
  fs::create_directory(folder_.path() / "elsewhere");
  fs::create_directory_symlink(folder_.path() / "elsewhere", usage());
  const auto opened = Ledger::open({.folder = usage()}, clock_, telemetry_->log());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::invalid_config);
}

TEST_F(LedgerTest, ReadDay_GivesTheSumsOfEachKey) {
  record("app", "orders", 3);
  record("app", "items", 2, 404);
  record("other", "orders");
  clock_.advance(1h);
  record("app", "orders");
  ledger_->stop();
  open();
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> seen;
  ledger_->read_day(std::chrono::floor<std::chrono::days>(kNoon),
                    [&](const std::string& key, std::int64_t requests, std::int64_t rows) {
                      seen[key] = {requests, rows};
                    });
  EXPECT_EQ(seen, (decltype(seen){{"app", {6, 60}}, {"other", {1, 10}}}));
}

TEST_F(LedgerTest, Thread_WritesAtItsInterval) {
  open({.interval = 5ms});
  ASSERT_TRUE(ledger_->start());
  record("app", "orders");
  while (!fs::exists(usage() / "2026-01-31.usage")) std::this_thread::yield();
  ledger_->stop();
}

TEST_F(LedgerTest, Threads_RecordAndReport_LoseNothing) {
  open({.interval = 1ms});
  ASSERT_TRUE(ledger_->start());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 5000; ++n) {
        record("key" + std::to_string(n % 50), i % 2 == 0 ? "orders" : "items");
        if (n % 1000 == 0) clock_.advance(20min);
      }
    });
  }
  for (int i = 0; i < 20; ++i) static_cast<void>(report({.by_key = true}));
  for (std::thread& thread : threads) thread.join();
  ledger_->stop();
  open();
  EXPECT_EQ(report({}).lines.front().counts.requests(), 20'000);
  EXPECT_EQ(by_key().size(), 50U);
}

}  // namespace
}  // namespace offloader::usage
