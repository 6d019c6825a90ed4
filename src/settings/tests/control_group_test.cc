#include "control_group.h"

#include <gtest/gtest.h>

#include <map>

namespace offloader::settings {
namespace {

ReadFile files(std::map<std::string, std::string> texts) {
  return [texts = std::move(texts)](const std::string& path) -> Result<std::string> {
    const auto found = texts.find(path);
    if (found == texts.end()) return fail(ErrorCode::not_found, "file not found");
    return found->second;
  };
}

std::map<std::string, std::string> v1_quota(const std::string& quota, const std::string& period) {
  return {{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota}, {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", period}};
}

TEST(ControlGroup, Cpus_NoFiles_AreAllThatAreAvailable) {
  EXPECT_EQ(allowed_cpus(8, files({})), 8U);
  EXPECT_EQ(allowed_cpus(0, files({})), 1U);
}

TEST(ControlGroup, Cpus_Version2Quota_IsRoundedAndAtLeastOne) {
  for (const auto& [text, cpus] : std::map<std::string, unsigned>{{"max 100000\n", 8},
                                                                  {"200000 100000\n", 2},
                                                                  {"150000 100000\n", 2},
                                                                  {"20000 100000\n", 1},
                                                                  {"1600000 100000\n", 8},
                                                                  {"99999999999999999999 1\n", 8},
                                                                  {"", 8},
                                                                  {"100000", 8}}) {
    EXPECT_EQ(allowed_cpus(8, files({{"/sys/fs/cgroup/cpu.max", text}})), cpus) << text;
  }
}

TEST(ControlGroup, Cpus_Version1Quota_LimitsThem) {
  EXPECT_EQ(allowed_cpus(8, files(v1_quota("300000\n", "100000\n"))), 3U);
  EXPECT_EQ(allowed_cpus(8, files(v1_quota("25000\n", "50000\n"))), 1U);
  EXPECT_EQ(allowed_cpus(8, files(v1_quota("-1\n", "100000\n"))), 8U) << "no limit";
  EXPECT_EQ(allowed_cpus(8, files(v1_quota("300000\n", "0\n"))), 8U);
  EXPECT_EQ(allowed_cpus(8, files({{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n"}})), 8U);
}

TEST(ControlGroup, Memory_LimitOfEitherVersion_IsUsedWhenLower) {
  const std::uint64_t available = 8ULL << 30;
  EXPECT_EQ(allowed_memory(available, files({})), available);
  EXPECT_EQ(allowed_memory(available, files({{"/sys/fs/cgroup/memory.max", "1073741824\n"}})), 1ULL << 30);
  EXPECT_EQ(allowed_memory(available, files({{"/sys/fs/cgroup/memory.max", "max\n"}})), available);
  const char* const v1 = "/sys/fs/cgroup/memory/memory.limit_in_bytes";
  EXPECT_EQ(allowed_memory(available, files({{v1, "1073741824\n"}})), 1ULL << 30);
  EXPECT_EQ(allowed_memory(available, files({{v1, "9223372036854771712\n"}})), available);
}

}  // namespace
}  // namespace offloader::settings
