#include "offloader/snapshot_cache/marks.h"

#include <gmock/gmock.h>

// The marks that a process leaves when it dies during builds, and how the next start judges them.
namespace offloader::snapshot_cache {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

LeftMark left(const std::string& dataset, bool suspect, std::optional<DeathMark> before = {}) {
  return {dataset, {.tag = "t", .files = {"f"}, .suspect = suspect}, std::move(before)};
}

TEST(DiedBuilds, JudgeLeftMarks_SeveralBuilds_BlamesTheOnlyOneOrTheSuspect) {
  const SystemTime now{seconds(7)};
  const auto deaths = [&](const std::vector<LeftMark>& marks, std::size_t unreadable = 0) {
    std::vector<std::string> found;
    for (const auto& one : judge_left_marks(marks, unreadable, now))
      found.push_back(one.dataset + std::to_string(one.death.deaths));
    return found;
  };
  EXPECT_THAT(deaths({left("a", false)}), ElementsAre("a1"));
  EXPECT_THAT(deaths({left("a", false), left("b", false)}), ElementsAre("a0", "b0"));
  EXPECT_THAT(deaths({left("a", false)}, 1), ElementsAre("a0"))
      << "whoever left the other mark may be the cause";
  EXPECT_THAT(deaths({left("a", true), left("b", false)}), ElementsAre("a1"));
  const DeathMark once{.tag = "t", .files = {}, .deaths = 1, .at = now};
  EXPECT_THAT(deaths({left("a", true, once)}), ElementsAre("a2"));
  EXPECT_THAT(deaths({left("a", false, once), left("b", false)}), ElementsAre("a1", "b0"));
  const DeathMark another{.tag = "u", .files = {}, .deaths = 1, .at = now};
  EXPECT_THAT(deaths({left("a", false, another)}), ElementsAre("a1"));
}

TEST(DiedBuilds, Parse_LaterFormatOrInvalidJson_ReturnsNothing) {
  const DeathMark mark{.tag = "t", .files = {"f"}, .deaths = 1, .at = SystemTime{seconds(7)}};
  std::string text = to_json(mark);
  ASSERT_TRUE(parse_death_mark(text));
  EXPECT_EQ(parse_death_mark(text)->files, mark.files);
  text.replace(text.find("\"format\":1"), 10, "\"format\":2");
  EXPECT_FALSE(parse_death_mark(text));
  for (const char* bad : {"", "[]", "{}", R"({"format":1})", R"({"format":1,"snapshot_id":"a b"})"}) {
    EXPECT_FALSE(parse_death_mark(bad)) << bad;
    EXPECT_FALSE(parse_build_mark(bad)) << bad;
    EXPECT_EQ(parse_quarantine(bad), "") << bad;
  }
}

}  // namespace
}  // namespace offloader::snapshot_cache
