#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "offloader/catalog/load.h"
#include "offloader/query/compiler.h"
#include "offloader/query/describe.h"

// Each file under golden/ holds a contract, and requests with the plan or the error that each compiles to:
//
//   === datasets/sales.yml           a project file, up to the next ===
//   === request acme ?day=2024-01-31  a tenant (`none`, a text, or an integer after `#`) and a query
//   the plan; written by OFFLOADER_UPDATE_GOLDEN=1
namespace offloader::query {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "=== ";
constexpr std::string_view kRequest = "request ";

struct Section {
  std::string title;
  std::string body;
};

std::vector<Section> sections_of(std::istream& in) {
  std::vector<Section> sections;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kMark)) {
      sections.push_back({line.substr(kMark.size()), ""});
    } else if (!sections.empty()) {
      sections.back().body += line + "\n";
    }
  }
  return sections;
}

std::string preamble_of(const std::string& text) {
  return text.substr(0, text.starts_with(kMark) ? 0 : text.find("\n" + std::string(kMark)) + 1);
}

std::optional<catalog::Tenant> tenant_of(const std::string& text) {
  if (text == "none") return std::nullopt;
  if (!text.starts_with('#')) return catalog::Tenant(text);
  std::int64_t number = 0;
  std::from_chars(text.data() + 1, text.data() + text.size(), number);
  return catalog::Tenant(number);
}

std::string answer(const Compiler& compiler, const std::string& request) {
  const std::size_t mark = request.find(" ?");
  const auto refused = [](const Error& error) {
    std::string text = std::string(name_of(error.code)) + ": " + error.message + "\n";
    if (!error.detail.empty()) text += "for the log: " + error.detail + "\n";
    return text;
  };
  const auto params = decode_query_string(std::string_view(request).substr(mark + 2));
  if (!params) return refused(params.error());
  const auto plan = compiler.compile(*params, tenant_of(request.substr(0, mark)));
  return plan ? to_text(*plan) : refused(plan.error());
}

std::string rerun(const std::string& text) {
  std::istringstream in(text);
  std::vector<Section> sections = sections_of(in);
  std::map<std::string, std::string> files{{"offloader.yml", "version: 1\n"}};
  for (const Section& section : sections) {
    if (!section.title.starts_with(kRequest)) files[section.title] = section.body;
  }
  const catalog::LoadedProject loaded = catalog::load_project_files(files);
  if (loaded.catalog == nullptr || loaded.catalog->endpoints.size() != 1) {
    ADD_FAILURE() << "one valid endpoint is needed:\n" << catalog::to_text(loaded.findings);
    return "";
  }
  const catalog::Endpoint& endpoint = loaded.catalog->endpoints.begin()->second;
  const auto compiler = make_compiler(endpoint, loaded.catalog->dataset_of(endpoint));
  std::string out = preamble_of(text);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const Section& section = sections[i];
    const bool request = section.title.starts_with(kRequest);
    out += std::string(kMark) + section.title + "\n";
    out += request ? answer(*compiler, section.title.substr(kRequest.size())) +
                         (i + 1 < sections.size() ? "\n" : "")
                   : section.body;
  }
  return out;
}

TEST(GoldenPlans, Compile_EachRequest_ReturnsTheExpectedPlan) {
  const bool update = std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr;
  std::vector<fs::path> cases;
  for (const auto& entry :
       fs::directory_iterator(fs::path(OFFLOADER_SOURCE_DIR) / "src/query/tests/golden")) {
    cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  ASSERT_GE(cases.size(), 5U);
  for (const fs::path& path : cases) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    const std::string now = rerun(text.str());
    if (update && !now.empty()) {
      std::ofstream(path, std::ios::binary) << now;
    } else {
      EXPECT_EQ(now, text.str()) << path;
    }
  }
}

}  // namespace
}  // namespace offloader::query
