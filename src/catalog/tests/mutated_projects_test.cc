#include <gtest/gtest.h>

#include <array>
#include <random>

#include "offloader/base/utf8.h"
#include "offloader/catalog/load.h"

// Project files that are truncated, duplicated or changed at random: the project either loads or has
// findings.
namespace offloader::catalog {
namespace {

const std::map<std::string, std::string>& sound() {
  static const std::map<std::string, std::string> files = {
      {"offloader.yml",
       "version: 1\nkeys: keys/keys.yml\nallowed_origins: [HTTPS://Host:443/, 's3://Data']\n"},
      {"datasets/sales.yml",
       "id: sales\nmanifest: ./data//m.json\ntenant_column: account\nskip_snapshots: &s [a, b]\n"
       "schema:\n  - {name: account, type: BIGINT}\n  - {name: day, type: DATE}\n"},
      {"endpoints/totals.yml",
       "name: totals\nversion: 3\ndataset: sales\ntenant: {column: account}\nparams:\n"
       "  - {name: since, type: date, default: '2024-01-31'}\n  - {name: p, type: enum, enum: [1, b], "
       "aliases: {c: b}}\n"
       "combinations: [[p, since], []]\nquery:\n  select:\n    - {as: day, column: day}\n"
       "    - {as: n, column: day, agg: count}\n  filters:\n    - {column: day, op: gte, param: since}\n"
       "  group_by: [day]\n  order_by: [{column: n, dir: desc}]\ncolumns: [n, day]\ncache: {policy: "
       "snapshot}\n"},
      {"keys/keys.yml", "keys:\n  - {id: one, hash: " + std::string(64, 'a') +
                            ", tenant: 42, endpoints: [totals], status: active}\n"}};
  return files;
}

std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::array<const char*, 20> kTokens = {"\n", " ",    "- ",   ": ",  "{", "}", "[",
                                                   "]",  "&a ",  "*s",   "!t",  "|", ">", "'",
                                                   "\"", "\xc3", "null", "---", "%", "\t"};
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
  for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
    const std::size_t at = below(text.size());
    const std::size_t length = 1 + below(40);
    switch (below(5)) {
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
      default:
        text.resize(below(text.size()) + 1);
    }
  }
  return text;
}

TEST(MutatedProjects, Load_RandomEdits_LoadsOrHasFindings) {
  ASSERT_TRUE(load_project_files(sound()).catalog) << to_text(load_project_files(sound()).findings);
  std::mt19937 random(20260131);
  int loaded = 0;
  for (int round = 0; round < 500; ++round) {
    auto files = sound();
    auto file = std::next(files.begin(), static_cast<std::ptrdiff_t>(random() % files.size()));
    file->second = mutated(file->second, random);
    const LoadedProject project = load_project_files(files);
    EXPECT_EQ(project.catalog != nullptr, !has_errors(project.findings)) << file->second;
    EXPECT_TRUE(is_utf8(to_json(project.findings))) << file->second;
    if (project.catalog) ++loaded;
  }
  EXPECT_GT(loaded, 10) << "some mutations change nothing that matters";
  EXPECT_LT(loaded, 400);
}

}  // namespace
}  // namespace offloader::catalog
