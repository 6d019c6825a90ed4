#include "offloader/serving/envelope.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "offloader/base/file.h"
#include "offloader/base/timestamp.h"
#include "offloader/catalog/load.h"

namespace offloader::serving {
namespace {

// A generation with one endpoint and one snapshot, made from the text of a project.
struct Fixture {
  std::shared_ptr<const Generation> generation;
  const ServedEndpoint* endpoint = nullptr;
};

Fixture fixture(const std::string& freshness) {
  const auto project = catalog::load_project_files({
      {"offloader.yml", "version: 1\nauth: none\n"},
      {"datasets/usage.yml", "id: usage\nmanifest: m.json\nschema:\n  - {name: calls, type: BIGINT}\n"},
      {"endpoints/usage.yml", "name: usage\nversion: 3\ndataset: usage\n" + freshness +
                                  "query: {select: [{as: calls, column: calls}]}\ncolumns: [calls]\n"},
  });
  EXPECT_TRUE(project.catalog) << catalog::to_text(project.findings);
  auto snapshot = std::make_shared<ServedSnapshot>();
  snapshot->snapshot_id = "run:42";
  snapshot->watermark = "2026-01-31T00:00:00+00:00";
  snapshot->watermark_time = *parse_iso8601(snapshot->watermark);
  std::map<std::string, DatasetSnapshots, std::less<>> snapshots;
  snapshots["usage"].local = snapshot;
  Fixture out;
  out.generation = make_generation(project.catalog, std::move(snapshots), nullptr);
  out.endpoint = &out.generation->endpoints.at("usage");
  return out;
}

std::string success(const Fixture& from, const MetaFacts& facts, const char* now) {
  std::string out = R"({"data":[{"calls":7}],"meta":)";
  append_meta(out, *from.endpoint, facts, *parse_iso8601(now));
  return out + "}";
}

// Writes every envelope that clients see in readable form: tests/golden/envelopes.txt.
TEST(Envelope, EveryEnvelope_MatchesTheGoldenFile) {
  const Fixture windowed = fixture("freshness: {max_staleness_minutes: 60}\n");
  const Fixture windowless = fixture("");
  std::string text;
  const auto show = [&](const std::string& title, const std::string& body) {
    text += "# " + title + "\n" + body + "\n\n";
  };
  show("fresh, from the cache",
       success(windowed, {"r-1", 1, true, CacheResult::hit}, "2026-01-31T00:59:59Z"));
  show("stale: past its window by a second",
       success(windowed, {"r-2", 1, false, CacheResult::miss}, "2026-01-31T01:00:01Z"));
  show("no window: never stale",
       success(windowless, {"r-3", 1, false, CacheResult::off}, "2027-01-31T00:00:00Z"));
  show("a watermark of the future counts as now",
       success(windowless, {"r-4", 1, false, CacheResult::off}, "2026-01-30T00:00:00Z"));
  const AnswerTotals rows{.rows = 31};
  const AnswerTotals both{.rows = 0, .grand = R"({"calls":31})"};
  show("the number of all rows",
       success(windowless, {"r-6", 1, true, CacheResult::off, &rows}, "2026-01-31T00:00:00Z"));
  show("and the grand total",
       success(windowless, {"r-7", 1, false, CacheResult::off, &both}, "2026-01-31T00:00:00Z"));
  for (const ErrorCode code :
       {ErrorCode::invalid_param, ErrorCode::unauthorized, ErrorCode::rate_limited, ErrorCode::not_found,
        ErrorCode::not_ready, ErrorCode::busy, ErrorCode::no_memory, ErrorCode::timeout,
        ErrorCode::bad_request, ErrorCode::too_large, ErrorCode::method_not_allowed, ErrorCode::conflict,
        ErrorCode::invalid_config, ErrorCode::corrupt, ErrorCode::unavailable, ErrorCode::internal}) {
    const PublicError shown = to_public(code);
    show(std::string(offloader::name_of(code)) + ": " + std::to_string(shown.status) +
             (shown.retry_after ? ", Retry-After " + std::to_string(*shown.retry_after) : ""),
         error_body(shown.family, "what went wrong", "r-5"));
  }
  const std::string path = std::string(OFFLOADER_SOURCE_DIR) + "/src/serving/tests/golden/envelopes.txt";
  if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file_atomically(path, text).has_value());
  }
  const auto golden = read_file(path, 1 << 20);
  ASSERT_TRUE(golden.has_value());
  EXPECT_EQ(text, *golden);
}

}  // namespace
}  // namespace offloader::serving
