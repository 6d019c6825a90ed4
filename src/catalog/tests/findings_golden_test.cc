#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "offloader/catalog/load.h"

// Each folder under golden/ is a small invalid project; its findings.txt holds the expected report.
namespace offloader::catalog {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> cases() {
  std::vector<fs::path> folders;
  for (const auto& entry :
       fs::directory_iterator(fs::path(OFFLOADER_SOURCE_DIR) / "src/catalog/tests/golden")) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(GoldenFindings, Load_EachCase_ReportsTheExpectedFindings) {
  const bool update = std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr;
  ASSERT_FALSE(cases().empty());
  for (const fs::path& folder : cases()) {
    const LoadedProject loaded = load_project(folder);
    const std::string text = to_text(loaded.findings);
    if (update) std::ofstream(folder / "findings.txt", std::ios::binary) << text;
    EXPECT_EQ(text, contents(folder / "findings.txt")) << folder;
    EXPECT_EQ(loaded.catalog == nullptr, has_errors(loaded.findings)) << folder;
  }
}

TEST(GoldenFindings, Cases_AllTogether_CoverEveryCode) {
  const std::set<std::string> codes = {"column_not_allowlisted",
                                       "column_not_selected",
                                       "conflicting_origin",
                                       "duplicate_column",
                                       "duplicate_dataset",
                                       "duplicate_endpoint",
                                       "duplicate_issuer",
                                       "duplicate_key",
                                       "duplicate_key_certificate",
                                       "duplicate_key_hash",
                                       "duplicate_key_id",
                                       "duplicate_param",
                                       "imprecise_number",
                                       "invalid_agg",
                                       "invalid_agg_on_json",
                                       "invalid_bucket",
                                       "invalid_default",
                                       "invalid_expr",
                                       "invalid_json",
                                       "invalid_type",
                                       "invalid_value",
                                       "missing",
                                       "missing_file",
                                       "missing_group_by",
                                       "no_keys",
                                       "not_a_map",
                                       "param_type_mismatch",
                                       "plaintext_token",
                                       "public_tenant_endpoint",
                                       "reserved_param",
                                       "tenant_filter_forbidden",
                                       "tenant_forbidden",
                                       "tenant_mismatch",
                                       "ungrouped_column",
                                       "unknown_column",
                                       "unknown_dataset",
                                       "unknown_endpoint",
                                       "unknown_field",
                                       "unknown_param",
                                       "unsafe_identifier",
                                       "unsafe_path",
                                       "unsorted_filter",
                                       "unsupported_type",
                                       "unsupported_version",
                                       "unused_param",
                                       "yaml_error"};
  std::set<std::string> seen;
  for (const fs::path& folder : cases()) {
    for (const Finding& finding : load_project(folder).findings) seen.insert(finding.code);
  }
  EXPECT_EQ(seen, codes);
}

}  // namespace
}  // namespace offloader::catalog
