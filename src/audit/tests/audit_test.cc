#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "audit_scene.h"
#include "offloader/base/thread.h"

namespace offloader::audit {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AuditTest : public AuditScene {
 protected:
  static std::vector<std::string> named(const std::vector<nlohmann::json>& events, const char* name) {
    std::vector<std::string> out;
    for (const auto& each : events) out.push_back(each.value(name, "-"));
    return out;
  }
  double gauge() { return telemetry_->metrics().gauge("offloader_audit_ok", "").value(); }
  double shed() {
    return static_cast<double>(
        telemetry_->metrics().counter("offloader_shed_total", "", {{"reason", "audit"}}).value());
  }
};

TEST_F(AuditTest, Record_FewRecords_AreWrittenInAChain) {
  ASSERT_NO_FATAL_FAILURE(start());
  record("refresh");
  record("rollback");
  audit_.reset();
  EXPECT_THAT(named(events(), "event"), ElementsAre("opened", "action", "action", "stopped"));
  EXPECT_THAT(named(events(), "action"), ElementsAre("-", "refresh", "rollback", "-"));
  EXPECT_EQ(events()[0]["file"], "new");
  EXPECT_EQ(events()[0]["previous"], std::string(64, '0'));
  const Verdict verdict = verify_files({"audit.log"}, 4);
  EXPECT_FALSE(verdict.broken) << said(verdict);
  EXPECT_EQ(verdict.last_seq, 4U);
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U & ~::umask(::umask(0)));
}

TEST_F(AuditTest, Restart_WholeFile_ContinuesTheChain) {
  ASSERT_NO_FATAL_FAILURE(start());
  record("refresh");
  ASSERT_NO_FATAL_FAILURE(restart());
  record("rollback");
  audit_.reset();
  const auto all = events();
  ASSERT_EQ(all.size(), 6U);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i]["seq"], i + 1);
  EXPECT_EQ(all[3]["file"], "continued");
  EXPECT_FALSE(verify_files({"audit.log"}, 6).broken);
}

// Whatever a crash leaves of the last line, the next start ends it and says so.
TEST_F(AuditTest, Restart_TornLineOfAnyLength_IsEndedAndTold) {
  ASSERT_NO_FATAL_FAILURE(start());
  record("refresh");
  audit_.reset();
  const std::string text = text_of(file());
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  for (std::size_t end = last + 1; end < text.size(); end += 7) {
    write_text(file(), text.substr(0, end));
    ASSERT_NO_FATAL_FAILURE(start());
    audit_.reset();
    const auto all = events();
    EXPECT_FALSE(verify_files().broken) << said(verify_files());
    const auto& told = all[all.size() - 2];
    if (end == text.size() - 1) continue;  // see the next test
    EXPECT_EQ(told["event"], "opened");
    EXPECT_EQ(told["torn_bytes"], end - last);
    EXPECT_EQ(told["seq"], 3);
    // The torn text is part of what is told.
    std::string wrong = text_of(file());
    wrong[end - 1] = wrong[end - 1] == 'q' ? 'r' : 'q';
    write_text(file(), wrong);
    ASSERT_TRUE(verify_files().broken);
    EXPECT_EQ(verify_files().broken->line, 3U);
    write_text(file(), text.substr(0, last) + wrong.substr(end + 1));
    ASSERT_TRUE(verify_files().broken) << "the torn line was removed";
    EXPECT_EQ(verify_files().broken->line, 3U);
    EXPECT_EQ(verify_files().broken->message, "the torn line before it was removed");
  }
}

// A start may have died after it had ended a torn line and before it could say so.
TEST_F(AuditTest, Restart_TornLineThatWasEnded_IsTold) {
  for (const bool first : {true, false}) {
    fs::remove(file());
    ASSERT_NO_FATAL_FAILURE(start());
    if (!first) record("refresh");
    audit_.reset();
    const std::string text = text_of(file());
    const std::size_t last = first ? 0 : text.rfind('\n', text.size() - 2) + 1;
    write_text(file(), text.substr(0, last + 30) + "\n");
    ASSERT_NO_FATAL_FAILURE(start());
    record("refresh");
    audit_.reset();
    EXPECT_FALSE(verify_files().broken) << said(verify_files());
    EXPECT_THAT(text_of(file()), ::testing::HasSubstr("\"torn_bytes\":30,"));
  }
}

TEST_F(AuditTest, Restart_OnlyTheLineBreakIsMissing_TakesTheLineAsWhole) {
  for (const bool first : {true, false}) {
    fs::remove(file());
    ASSERT_NO_FATAL_FAILURE(start());
    audit_.reset();
    std::string text = text_of(file());
    if (first) text.resize(text.find('\n') + 1);
    text.pop_back();
    write_text(file(), text);
    ASSERT_NO_FATAL_FAILURE(start());
    audit_.reset();
    const std::uint64_t seq = first ? 3 : 4;
    const Verdict verdict = verify_files({"audit.log"}, seq);
    EXPECT_FALSE(verdict.broken) << said(verdict);
    EXPECT_EQ(verdict.last_seq, seq);
  }
}

TEST_F(AuditTest, Restart_LinesRemovedFromTheEnd_IsFound) {
  const auto begin = [&] { start({.path = file(), .head_path = file("head"), .secret = {}}); };
  ASSERT_NO_FATAL_FAILURE(begin());
  record("refresh");
  audit_.reset();
  const std::string text = text_of(file());
  write_text(file(), text.substr(0, text.find('\n') + 1));  // `opened` alone
  ASSERT_NO_FATAL_FAILURE(begin());
  audit_.reset();
  const Verdict verdict = verify_files();
  ASSERT_TRUE(verdict.broken);
  EXPECT_EQ(verdict.broken->line, 2U);
  EXPECT_THAT(verdict.broken->message, HasSubstr("lines seq 2 to 3 are missing"));
}

TEST_F(AuditTest, Restart_FileRotatedMeanwhile_ContinuesTheChain) {
  const auto begin = [&] { start({.path = file(), .head_path = file("head"), .secret = {}}); };
  ASSERT_NO_FATAL_FAILURE(begin());
  record("refresh");
  audit_.reset();
  fs::rename(file(), file("audit.log.1"));
  ASSERT_NO_FATAL_FAILURE(begin());
  audit_.reset();
  EXPECT_EQ(events()[0]["seq"], 4);
  EXPECT_FALSE(verify_files({"audit.log.1", "audit.log"}, 5).broken);
}

TEST_F(AuditTest, Restart_HeadFileIsDamaged_BelievesTheLog) {
  write_text(file("head"), std::string(86, 'x'));
  ASSERT_NO_FATAL_FAILURE(start({.path = file(), .head_path = file("head"), .secret = {}}));
  audit_.reset();
  EXPECT_EQ(events()[0]["seq"], 1);
}

TEST_F(AuditTest, Restart_NothingButATornLine_BeginsTheLog) {
  write_text(file(), R"({"seq":1,"ti)");
  ASSERT_NO_FATAL_FAILURE(start());
  audit_.reset();
  const Verdict verdict = verify_files();
  EXPECT_FALSE(verdict.broken) << said(verdict);
  EXPECT_EQ(verdict.first_seq, 1U);
  EXPECT_EQ(events()[1]["torn_bytes"], 12);
}

TEST_F(AuditTest, Start_FileOfSomethingElse_IsLeftAloneAndTold) {
  for (const std::string& text : {std::string("some notes"), std::string("some notes\n")}) {
    write_text(file(), text);
    ASSERT_NO_FATAL_FAILURE(start());
    EXPECT_FALSE(audit_->ok());
    EXPECT_EQ(gauge(), 0);
    audit_.reset();
    EXPECT_EQ(text_of(file()), text);
  }
}

TEST_F(AuditTest, Start_SecondProcessOnOneFile_IsNotOk) {
  ASSERT_NO_FATAL_FAILURE(start());
  auto other_telemetry = telemetry::make_silent_telemetry();
  auto other = Audit::start({.path = file(), .secret = kSecret}, *other_telemetry, real_clock());
  ASSERT_TRUE(other);
  EXPECT_FALSE((*other)->ok());
  audit_.reset();
  EXPECT_TRUE(await([&] { return (*other)->ok(); })) << "takes over once the file is free";
  other->reset();
  EXPECT_FALSE(verify_files().broken);
}

TEST_F(AuditTest, Reopen_AfterRotation_GoesOnInTheNewFile) {
  ASSERT_NO_FATAL_FAILURE(start());
  record("before");
  ASSERT_TRUE(await_text("before"));
  fs::rename(file(), file("audit.log.1"));
  record("between");
  ASSERT_TRUE(await_text("between", "audit.log.1"));
  audit_->reopen();
  ASSERT_TRUE(await_text("opened"));
  record("after");
  ASSERT_TRUE(await_text("after"));
  audit_->reopen();  // nothing was rotated
  record("last");
  audit_.reset();
  EXPECT_THAT(named(events("audit.log.1"), "action"), ElementsAre("-", "before", "between"));
  EXPECT_THAT(named(events(), "event"), ElementsAre("opened", "action", "action", "stopped"));
  EXPECT_EQ(events()[0]["seq"], 4);
  EXPECT_FALSE(verify_files({"audit.log.1", "audit.log"}, 7).broken);
  EXPECT_FALSE(verify_files({"audit.log"}, 7).broken) << "a file begins with what it needs";
  const Verdict swapped = verify_files({"audit.log", "audit.log.1"});
  ASSERT_TRUE(swapped.broken);
  EXPECT_THAT(swapped.broken->file, HasSubstr("audit.log.1"));
}

TEST_F(AuditTest, Write_FileOrFolderRemoved_GoesOnWhenItCan) {
  const fs::path folder = folder_.path() / "logs";
  fs::create_directories(folder);
  ASSERT_NO_FATAL_FAILURE(start({.path = (folder / "audit.log").string(), .required = true, .secret = {}}));
  record("before");
  ASSERT_TRUE(await_text("before", "logs/audit.log"));
  fs::remove_all(folder);
  ASSERT_TRUE(await([&] { return !audit_->ok(); }));
  EXPECT_EQ(gauge(), 0);
  const auto refused = audit_->admit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_ready);
  EXPECT_EQ(shed(), 1);
  record("meanwhile");
  fs::create_directories(folder);
  ASSERT_TRUE(await_text("meanwhile", "logs/audit.log"));
  ASSERT_TRUE(await([&] { return audit_->ok(); }));
  EXPECT_EQ(gauge(), 1);
  EXPECT_TRUE(audit_->admit());
  audit_.reset();
  EXPECT_EQ(events("logs/audit.log")[0]["seq"], 3);
  EXPECT_FALSE(verify_files({"logs/audit.log"}).broken);
}

TEST_F(AuditTest, Write_FileTruncated_GoesOnAndTheLossIsFound) {
  ASSERT_NO_FATAL_FAILURE(start());
  record("before");
  ASSERT_TRUE(await_text("before"));
  const std::string copy = text_of(file());  // as copytruncate of logrotate does
  fs::resize_file(file(), 0);
  ASSERT_TRUE(await_text("opened"));
  audit_.reset();
  write_text(file("copy"), copy);
  EXPECT_FALSE(verify_files({"copy", "audit.log"}).broken);
}

// The limit on file sizes stands for a full disk: a write fails after a part of it.
TEST_F(AuditTest, Write_DiskFull_KeepsTheFileWholeAndGoesOn) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  ASSERT_NO_FATAL_FAILURE(start({.path = file(), .required = true, .secret = {}}));
  record("before");
  ASSERT_TRUE(await_text("before"));
  const rlimit small{static_cast<rlim_t>(fs::file_size(file())) + 100, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  record("held");
  const bool noticed = await([&] { return !audit_->ok(); });
  const bool refused = !audit_->admit();
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(noticed);
  EXPECT_TRUE(refused);
  EXPECT_TRUE(await_text("held"));
  audit_.reset();
  EXPECT_FALSE(verify_files().broken) << said(verify_files());
}

TEST_F(AuditTest, Record_QueueFull_DropsAndTellsHowMany) {
  ASSERT_NO_FATAL_FAILURE(start({.path = file("missing/audit.log"), .secret = {}, .queue_bytes = 16U << 10}));
  for (int i = 0; i < 1000; ++i) audit_->record_read(action("read"), {});
  record("kept");  // reads leave room for it
  fs::create_directories(folder_.path() / "missing");
  ASSERT_TRUE(await_text("\"lost\":", "missing/audit.log"));
  EXPECT_EQ(gauge(), 0) << "a loss shows for a while";
  audit_.reset();
  const auto all = events("missing/audit.log");
  int reads = 0;
  int kept = 0;
  std::int64_t lost = 0;
  for (const auto& each : all) {
    reads += each.value("action", "") == "read" ? 1 : 0;
    kept += each.value("action", "") == "kept" ? 1 : 0;
    lost += each.value("lost", 0);
  }
  EXPECT_GT(reads, 50);
  EXPECT_EQ(reads + lost, 1000);
  EXPECT_EQ(kept, 1);
  EXPECT_FALSE(verify_files({"missing/audit.log"}).broken);
}

TEST_F(AuditTest, Admit_QueueFull_RefusesAndLosesNothing) {
  ASSERT_NO_FATAL_FAILURE(start({.path = file(), .required = true, .secret = {}, .queue_bytes = 16U << 10}));
  std::vector<ByteHold> rooms;
  while (auto room = audit_->admit()) rooms.push_back(std::move(*room));
  EXPECT_EQ(rooms.size(), 16U);
  EXPECT_EQ(shed(), 1);
  for (ByteHold& room : rooms) {
    audit_->record_read(action("read"), room);
    room.resize(0);
  }
  EXPECT_TRUE(await([&] { return audit_->admit().has_value(); }));
  audit_.reset();
  EXPECT_EQ(lines_of(text_of(file())).size(), 18U);
}

TEST_F(AuditTest, Newest_WithoutAFile_IsTheLastThousand) {
  const fs::path head = folder_.path() / "head";
  ASSERT_NO_FATAL_FAILURE(start({.path = {}, .head_path = head.string(), .secret = {}}));
  EXPECT_FALSE(fs::exists(head)) << "there is no file to continue";
  for (int i = 1; i <= 1500; ++i) record(i % 100 == 0 ? "hundred" : "other");
  ASSERT_TRUE(await([&] { return audit_->last_seq() == 1500; }));
  const Page page = audit_->newest({.limit = 3, .event = {}});
  ASSERT_EQ(page.lines.size(), 3U);
  EXPECT_THAT(page.lines[0], HasSubstr("\"seq\":1500,"));
  EXPECT_EQ(page.next_before, 1498U);
  const Page older = audit_->newest({.limit = 3, .before = page.next_before, .event = {}});
  EXPECT_THAT(older.lines[0], HasSubstr("\"seq\":1497,"));
  const Page all = audit_->newest({.limit = 5000, .event = {}});
  EXPECT_EQ(all.lines.size(), 1000U);
  EXPECT_TRUE(audit_->newest({.limit = 5, .event = "read"}).lines.empty());
}

TEST_F(AuditTest, Newest_BeyondTheRing_ReadsTheFile) {
  ASSERT_NO_FATAL_FAILURE(start());
  for (int i = 0; i < 3000; ++i) record("x" + std::to_string(i));
  ASSERT_TRUE(await([&] { return audit_->last_seq() == 3001; }));
  ASSERT_NO_FATAL_FAILURE(restart());
  ASSERT_TRUE(await([&] { return audit_->last_seq() == 3003; }));  // stopped, opened
  std::uint64_t expected = 3003;
  std::uint64_t before = 0;
  do {
    const Page page = audit_->newest({.limit = 700, .before = before, .event = {}});
    for (const std::string& line : page.lines) ASSERT_EQ(nlohmann::json::parse(line)["seq"], expected--);
    before = page.next_before;
  } while (before != 0);
  EXPECT_EQ(expected, 0U);
  const Page opened = audit_->newest({.limit = 10, .event = "opened"});
  ASSERT_EQ(opened.lines.size(), 2U);
  EXPECT_THAT(opened.lines[1], HasSubstr("\"seq\":1,"));
  EXPECT_EQ(opened.next_before, 0U);
}

TEST_F(AuditTest, Start_Pipe_IsNotOpened) {
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  ASSERT_NO_FATAL_FAILURE(start());
  EXPECT_FALSE(audit_->ok());
}

TEST_F(AuditTest, Record_ManyThreads_EveryRecordIsInOneChain) {
  ASSERT_NO_FATAL_FAILURE(start());
  constexpr int kThreads = 4;
  constexpr int kEach = 2000;
  std::atomic<int> next{0};
  ASSERT_TRUE(run_side_by_side(kThreads - 1, "records", [&] {
    while (next.fetch_add(1) < kThreads * kEach) {
      auto room = audit_->admit();
      audit_->record_read(action("read"), *room);
      if (next.load() % 500 == 0) {
        audit_->reopen();
        static_cast<void>(audit_->newest({.limit = 10, .event = {}}));
      }
    }
  }));
  audit_.reset();
  const Verdict verdict = verify_files({"audit.log"}, kThreads * kEach + 2);
  EXPECT_FALSE(verdict.broken) << said(verdict);
  EXPECT_EQ(verdict.lines, static_cast<std::uint64_t>(kThreads * kEach + 2));
}

}  // namespace
}  // namespace offloader::audit
