// identity.md, "Audit": after a kill at any instant, the audit log is whole up to its last whole line, and
// the next start continues it.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

#include "offloader/audit/verify.h"
#include "offloader/base/file.h"
#include "server_process.h"
#include "two_tenants.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;

// Clients that read as fast as they can, until the server is gone.
class Readers {
 public:
  explicit Readers(std::uint16_t port) {
    for (int i = 0; i < 3; ++i) {
      threads_.emplace_back([this, port] {
        HttpClient client(port);
        while (!stop_.load()) {
          if (client.get("/v1/endpoints/orders?limit=1", {two_tenants::kZebra}).status == 200)
            answers_.fetch_add(1);
        }
      });
    }
  }
  ~Readers() {
    stop_.store(true);
    for (std::thread& thread : threads_) thread.join();
  }
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  [[nodiscard]] std::uint64_t answers() const { return answers_.load(); }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> answers_{0};
  std::vector<std::thread> threads_;
};

TEST(SoakAuditCrash, Restart_KilledAtAnyInstant_ContinuesTheChain) {
  const bool soak = std::getenv("OFFLOADER_SOAK") != nullptr;
  const char* given = std::getenv("OFFLOADER_CRASH_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  std::printf("[ figures  ] seed %u (OFFLOADER_CRASH_SEED=%u repeats it)\n", seed, seed);
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::minstd_rand random(seed);
  const TemporaryFolder folder;
  two_tenants::write(folder.path() / "project");
  const std::string file = (folder.path() / "audit.log").string();
  const auto verify = [&] { return *audit::verify({file}, std::string(32, 'k')); };
  const int kills = soak ? 100 : 6;
  std::uint64_t last = 0;
  std::uint64_t answers = 0;
  int torn = 0;
  for (int round = 0; round < kills; ++round) {
    SCOPED_TRACE(testing::Message() << "kill " << round);
    ServerProcess server(folder.path() / "project", {.environment = {{"OFFLOADER_AUDIT_LOG", file},
                                                                     {"OFFLOADER_AUDIT_READS", "on"},
                                                                     {"OFFLOADER_ADMIN_TOKEN", "token"},
                                                                     {"OFFLOADER_ACCESS_LOG", "off"}},
                                                     .cache_dir = folder.path() / "cache"});
    // A third of the kills come while it starts.
    if (round % 3 != 2) {
      ASSERT_TRUE(server.await_ready()) << server.log();
    }
    {
      Readers readers(server.api_port());
      std::this_thread::sleep_for(
          std::chrono::microseconds(std::uniform_int_distribution<int>(0, 400'000)(random)));
      server.kill();
      answers += readers.answers();
    }
    if (!fs::exists(file)) continue;
    const audit::Verdict verdict = verify();
    ASSERT_FALSE(verdict.broken) << verdict.broken->line << ": " << verdict.broken->message;
    ASSERT_GE(verdict.last_seq, last) << "what was written before is still there";
    last = verdict.last_seq;
    torn += verdict.torn_bytes > 0 ? 1 : 0;
    // A machine that crashes tears a line more often than a kill does.
    if (round % 4 == 1 && verdict.torn_bytes == 0) {
      const auto size = fs::file_size(file);
      const auto text = read_file(file, 1ULL << 30);
      ASSERT_TRUE(text);
      const std::size_t length = text->size() - text->rfind('\n', text->size() - 2) - 1;
      fs::resize_file(file, size - std::uniform_int_distribution<std::size_t>(1, length - 1)(random));
      // It is written after the sync of the line.
      ASSERT_TRUE(fs::remove(folder.path() / "cache/audit-head"));
      last = last - 1;
      ++torn;
    }
  }
  ServerProcess server(folder.path() / "project", {.environment = {{"OFFLOADER_AUDIT_LOG", file}},
                                                   .cache_dir = folder.path() / "cache"});
  ASSERT_TRUE(server.await_ready()) << server.log();
  ASSERT_EQ(server.stop(), 0);
  const audit::Verdict verdict = verify();
  EXPECT_FALSE(verdict.broken) << verdict.broken->line << ": " << verdict.broken->message;
  EXPECT_EQ(verdict.torn_bytes, 0U);
  std::printf("[ figures  ] %d kills, %llu answers, %llu lines in one chain, %d torn\n", kills,
              static_cast<unsigned long long>(answers), static_cast<unsigned long long>(verdict.last_seq),
              torn);
  EXPECT_GT(answers, 0U);
  EXPECT_GT(verdict.lines, static_cast<std::uint64_t>(kills));
}

}  // namespace
}  // namespace offloader::app
