#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/catalog/finding_list.h"
#include "offloader/catalog/load.h"

namespace offloader::catalog {
namespace {

using testing::HasSubstr;

Finding finding(const std::string& file, int line, Severity severity = Severity::error) {
  return {.file = file,
          .line = line,
          .path = "p",
          .code = "missing",
          .message = "m",
          .hint = "h",
          .severity = severity};
}

TEST(FindingList, Add_MoreThan100OfOneFile_CountsTheRest) {
  FindingList list;
  for (int i = 1; i <= 250; ++i) list.add(finding("a.yml", i));
  list.add(finding("b.yml", 1));
  EXPECT_FALSE(list.has_room("a.yml"));
  EXPECT_TRUE(list.has_room("b.yml"));
  EXPECT_EQ(list.errors(), 251U);
  const Findings findings = list.take();
  ASSERT_EQ(findings.size(), 102U);
  EXPECT_EQ(findings[99].line, 100);
  EXPECT_EQ(findings[100].file, "b.yml");
  EXPECT_EQ(findings[101].code, "findings_omitted");
  EXPECT_EQ(findings[101].file, "a.yml");
  EXPECT_EQ(findings[101].message, "150 more errors are not listed");
  EXPECT_EQ(count_findings(findings).total(), 251U);
}

TEST(FindingList, Add_MoreThan1000InAll_CountsTheRest) {
  FindingList list;
  for (int i = 0; i < 1'500; ++i) list.add(finding("f" + std::to_string(i) + ".yml", 1));
  const Findings findings = list.take();
  ASSERT_EQ(findings.size(), kMaxFindings + 1);
  EXPECT_EQ(findings.back().file, "") << "of several files";
  EXPECT_EQ(findings.back().message, "500 more errors are not listed");
  EXPECT_THAT(to_text(findings), HasSubstr("\nfindings_omitted: 500 more errors"));
}

TEST(FindingList, Add_ErrorToAFullFile_DropsAWarning) {
  FindingList list;
  for (int i = 1; i <= 120; ++i) list.add(finding("a.yml", i, Severity::warning));
  for (int i = 1; i <= 3; ++i) list.add(finding("a.yml", 1'000 + i));
  const Findings findings = list.take();
  ASSERT_EQ(findings.size(), 101U);
  EXPECT_EQ(count_findings(findings).errors, 3U);
  EXPECT_EQ(count_findings(findings).warnings, 120U);
  EXPECT_EQ(findings[97].severity, Severity::error);
  EXPECT_EQ(findings.back().message, "23 more warnings are not listed");
  EXPECT_EQ(findings.back().severity, Severity::warning);
}

TEST(FindingList, Bounded_ListsWithOmissions_AddsThemUp) {
  Findings both;
  for (const char* file : {"a.yml", "b.yml"}) {
    FindingList list;
    for (int i = 1; i <= 101; ++i) list.add(finding(file, i));
    const Findings part = list.take();
    both.insert(both.end(), part.begin(), part.end());
  }
  const Findings merged = bounded(both);
  ASSERT_EQ(merged.size(), 201U);
  EXPECT_EQ(merged.back().message, "2 more errors are not listed");
  EXPECT_EQ(bounded(merged), merged);
}

TEST(FindingList, Add_LongText_IsCutBetweenCharacters) {
  FindingList list;
  Finding long_one = finding("a.yml", 1);
  long_one.message = "x";
  for (int i = 0; i < 10'000; ++i) long_one.message += "é";
  list.add(long_one);
  const Findings findings = list.take();
  EXPECT_LT(findings[0].message.size(), 1'100U);
  EXPECT_THAT(findings[0].message, testing::EndsWith("é…"));
}

std::map<std::string, std::string> project_of_unknown_fields(int files, int fields) {
  std::map<std::string, std::string> out{{"offloader.yml", "version: 1\nauth: none\n"}};
  for (int f = 0; f < files; ++f) {
    std::string text = "id: d" + std::to_string(f) + "\nmanifest: m\nschema: [{name: c, type: DATE}]\n";
    for (int i = 0; i < fields; ++i) text += "f" + std::to_string(i) + ": 1\n";
    out["datasets/d" + std::to_string(f) + ".yml"] = text;
  }
  out["endpoints/e.yml"] = "name: e\nversion: 1\n";
  return out;
}

TEST(ProjectFindings, Load_ManyErrors_ListsSomeAndCountsAll) {
  const LoadedProject loaded = load_project_files(project_of_unknown_fields(20, 200));
  EXPECT_FALSE(loaded.catalog);
  EXPECT_EQ(loaded.findings.size(), kMaxFindings + 1);
  EXPECT_EQ(count_findings(loaded.findings).errors, 20U * 200U + 3U);
  EXPECT_EQ(loaded.findings.back().code, "findings_omitted");
}

TEST(ProjectFindings, Load_ErrorAfterManyWarnings_IsRejected) {
  std::map<std::string, std::string> files{
      {"offloader.yml", "version: 1\nauth: none\n"},
      {"datasets/d.yml", "id: d\nmanifest: m\nschema: [{name: c, type: DATE}]\n"}};
  std::string params;
  for (int i = 0; i < 300; ++i) params += "  - {name: p" + std::to_string(i) + ", type: string}\n";
  files["endpoints/e.yml"] = "name: e\nversion: 1\ndataset: d\nparams:\n" + params +
                             "query: {select: [{as: c, column: c}]}\ncolumns: [c, x]\n";
  const LoadedProject loaded = load_project_files(files);
  EXPECT_FALSE(loaded.catalog);
  EXPECT_THAT(to_text(loaded.findings), HasSubstr("column_not_selected"));
}

TEST(ProjectFindings, Load_OtherFileInvalid_StillReturnsTheDataset) {
  const LoadedProject loaded = load_project_files(
      {{"offloader.yml", "version: 1\nauth: none\nallowed_origins: [s3://b]\n"},
       {"datasets/good.yml", "id: good\nmanifest: m.json\nschema: [{name: c, type: DATE}]\n"},
       {"datasets/bad.yml", "id: bad\nmanifest: m.json\nschema: [{name: c, type: DAY}]\n"},
       {"endpoints/e.yml", "name: e\n"}});
  EXPECT_FALSE(loaded.catalog);
  EXPECT_TRUE(loaded.datasets.at("good").sound);
  EXPECT_EQ(loaded.datasets.at("good").file, "datasets/good.yml");
  EXPECT_EQ(loaded.datasets.at("good").manifest_line, 2);
  EXPECT_EQ(loaded.datasets.at("good").dataset.schema.size(), 1U);
  EXPECT_FALSE(loaded.datasets.at("bad").sound);
  EXPECT_THAT(loaded.allowed_origins, testing::ElementsAre("s3://b"));
}

TEST(LoadProject, Load_Cancelled_ReturnsNoCatalog) {
  CancelFlag cancel;
  const auto files = project_of_unknown_fields(1, 0);
  EXPECT_FALSE(load_project_files(files, "offloader.yml", &cancel).cancelled);
  cancel.cancel();
  const LoadedProject loaded = load_project_files(files, "offloader.yml", &cancel);
  EXPECT_TRUE(loaded.cancelled);
  EXPECT_FALSE(loaded.catalog);
  EXPECT_TRUE(loaded.findings.empty()) << to_text(loaded.findings);
}

TEST(LoadProject, Load_AliasesOfALongText_AreRejected) {
  auto files = project_of_unknown_fields(1, 0);
  std::string text = "- &t " + std::string(500'000, 'x') + "\n";
  for (int i = 0; i < 100; ++i) text += "- *t\n";
  files["datasets/d.yml"] = text;
  EXPECT_THAT(to_text(load_project_files(files).findings),
              HasSubstr("yaml_error: the file contains more than 4 MiB of text with its aliases expanded"));
}

TEST(LoadProject, Load_CostlyToParse_IsRejected) {
  auto files = project_of_unknown_fields(1, 0);
  files["datasets/d.yml"] = "%TAG !e! " + std::string(300, 'x') + "\n--- !e!a b\n";
  EXPECT_THAT(
      to_text(load_project_files(files).findings),
      HasSubstr("datasets/d.yml:1: yaml_error: the file contains a %TAG directive of more than 256 bytes"));
  files["datasets/d.yml"] = "id: d\nschema: " + std::string(200'001, '[') + "\n";
  EXPECT_THAT(to_text(load_project_files(files).findings),
              HasSubstr("datasets/d.yml:2: yaml_error: the file contains a line of more than 200000 values"));
}

TEST(LoadProject, Load_ManifestUrlWithDotDot_IsRejected) {
  for (const char* url : {"s3://bucket/../other/m.json", "https://host/a/./m.json", "gs://b/.."}) {
    const auto text =
        to_text(load_project_files({{"offloader.yml", "version: 1\nauth: none\n"},
                                    {"datasets/d.yml", std::string("id: d\nmanifest: ") + url +
                                                           "\nschema: [{name: c, type: DATE}]\n"}})
                    .findings);
    EXPECT_THAT(text, HasSubstr("unsafe_path at manifest")) << url;
  }
}

}  // namespace
}  // namespace offloader::catalog
