#include <gtest/gtest.h>

#include <array>
#include <random>

#include "offloader/base/utf8.h"
#include "offloader/manifest/manifest.h"

// Manifests that are truncated, duplicated or changed at random: each is either valid or has findings.
namespace offloader::manifest {
namespace {

constexpr const char* kSound = R"({
  "dataset_id": "usage", "snapshot_id": "2026-01-31",
  "created_at": "2026-01-31T00:00:00Z", "watermark": "2026-01-30T23:59:00+01:00",
  "schema": [{"name": "account", "type": "VARCHAR"}, {"name": "calls", "type": "BIGINT"}],
  "files": [{"path": "part.csv", "format": "csv", "row_count": 2}, {"path": "../b/p.parquet", "format": "parquet"}],
  "partition_columns": [], "sort_columns": ["account"], "row_count": 2, "size_bytes": 20,
  "producer": "job", "upstream_run_id": "run-1", "schema_version": 1,
  "data_quality_status": "passed", "compatibility_policy": "additive_only", "extra": {"ignored": [true, null, 1.5e3]}
})";

std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::array<const char*, 14> kTokens = {
      "\"",     "{", "}", "[", "]", ",", ":", "-", "null", "\\", "\xc3", "\"path\"", "99999999999999999999",
      "\\ud800"};
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
  for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
    const std::size_t at = below(text.size());
    const std::size_t length = 1 + below(40);
    switch (below(8)) {
      case 0:
        text[at] = static_cast<char>(random() % 256);
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(below(text.size()), text.substr(at, length));
        break;
      case 3:
        text.insert(at, kTokens[below(kTokens.size())]);
        break;
      case 4:
        text.resize(below(text.size()));
        break;
      default:
        text[at] = static_cast<char>('0' + random() % 10);
    }
  }
  return text;
}

TEST(MutatedManifests, Parse_RandomEdits_IsValidOrHasFindings) {
  std::mt19937 random(20260131);
  int valid = 0;
  for (int round = 0; round < 500; ++round) {
    const std::string text = mutated(kSound, random);
    const ParsedManifest parsed = parse_manifest(text, "m.json");
    EXPECT_EQ(parsed.manifest.has_value(), !catalog::has_errors(parsed.findings)) << text;
    EXPECT_TRUE(is_utf8(catalog::to_json(parsed.findings))) << text;
    for (const catalog::Finding& finding : parsed.findings) {
      EXPECT_FALSE(finding.code.empty() || finding.message.empty()) << text;
    }
    if (!parsed.manifest) continue;
    ++valid;
    const ResolvedFiles files =
        resolve_files(*parsed.manifest, {"/nowhere/p/data/m.json", "/nowhere/p", false}, {}, "m.json");
    for (const ResolvedFile& file : files.files) {
      EXPECT_TRUE(file.location.starts_with("/nowhere/p/")) << file.location;
    }
  }
  EXPECT_GT(valid, 10) << "some mutations change nothing that matters";
  EXPECT_LT(valid, 400);
}

}  // namespace
}  // namespace offloader::manifest
