// The recipes of docs/configuration.md and the requests of examples/customer-analytics, as their readers run
// them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "cookbook.h"
#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {

// GoogleTest finds this beside the type.
static void PrintTo(const Recipe& recipe, std::ostream* out) {
  *out << recipe.name;
}

namespace {

namespace fs = std::filesystem;

constexpr const char* kToken = "offl_cookbook_0123456789abcdef";

std::string text_of(const fs::path& path) {
  const auto text = read_file(path, 1 << 20);
  return text ? *text : std::string();
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  ASSERT_TRUE(write_file_atomically(path, text).has_value()) << path;
}

const Cookbook& guide() {
  static const Cookbook book =
      read_cookbook(text_of(fs::path(OFFLOADER_SOURCE_DIR) / "docs/configuration.md"), "Cookbook");
  return book;
}

// Runs commands in a folder, with `offloader` being the program of this build. Returns whether all succeeded.
bool run_commands(const std::string& commands, const fs::path& folder) {
  write(folder / "commands.sh", "PATH='" + fs::path(OFFLOADER_BINARY).parent_path().string() +
                                    "':\"$PATH\"\ncd '" + folder.string() + "'\n" + commands);
  const std::string command = "sh -eu '" + (folder / "commands.sh").string() + "' > /dev/null";
  return std::system(command.c_str()) == 0;  // NOLINT(cert-env33-c): a document's own commands
}

// Sends the requests of a document in order and compares the answers with those that it prints. `…` in a
// request stands for what the last answer gave: its cursor or its ETag.
void expect_exchanges(const Recipe& recipe, std::uint16_t port, const std::string& token) {
  HttpClient client(port);
  Answer last;
  const auto filled = [&](std::string text, const std::string& before, const std::string& value) {
    const auto at = text.find(before + "…");
    return at == std::string::npos ? text : text.replace(at, before.size() + std::string("…").size(), value);
  };
  for (const Exchange& exchange : recipe.exchanges) {
    SCOPED_TRACE(recipe.name + ", line " + std::to_string(exchange.line));
    const auto cursor_at = nlohmann::json::json_pointer("/meta/next_cursor");
    const auto body = nlohmann::json::parse(last.body, nullptr, false);
    const bool has_cursor = body.is_object() && body.contains(cursor_at) && body[cursor_at].is_string();
    const std::string cursor = has_cursor ? body[cursor_at].get<std::string>() : "";
    std::vector<std::string> headers;
    for (const std::string& header : exchange.headers)
      headers.push_back(filled(header, "If-None-Match: ", "If-None-Match: " + last.headers["etag"]));
    if (!token.empty()) headers.push_back("authorization: Bearer " + token);
    last = client.send(exchange.method, filled(exchange.target, "cursor=", "cursor=" + cursor), headers,
                       exchange.body);
    EXPECT_EQ(last.status, exchange.status) << last.body;
    for (const auto& [name, value] : exchange.answer_headers) {
      if (value != "…") {
        EXPECT_EQ(last.headers[name], value) << name;
      }
      EXPECT_NE(last.headers[name], "") << name;
    }
    if (exchange.csv) {
      EXPECT_EQ(last.body, exchange.answer);
    } else if (!exchange.answer.empty()) {
      EXPECT_EQ(difference(exchange.answer, last.body), "") << last.body;
    }
  }
}

// One recipe, with the datasets that its endpoints name.
class CookbookRecipe : public ::testing::TestWithParam<Recipe> {
 protected:
  // Writes the data of all recipes and makes its manifests, as the document says.
  static void SetUpTestSuite() {
    data_ = std::make_unique<TemporaryFolder>();
    ASSERT_EQ(guide().problem, "");
    for (const auto& [path, text] : guide().recipes.front().files) write(data_->path() / path, text);
    write(data_->path() / "offloader.yml", "version: 1\nauth: none\n");
    ASSERT_TRUE(run_commands(guide().recipes.front().commands, data_->path()));
  }
  static void TearDownTestSuite() { data_.reset(); }

  void SetUp() override {
    ASSERT_NE(data_, nullptr);
    const fs::path root = folder_.path();
    write(root / "offloader.yml", guide().recipes.front().files.at("offloader.yml"));
    std::string granted;
    for (const auto& [path, text] : GetParam().files) {
      write(root / path, text);
      if (!path.starts_with("endpoints/")) continue;
      const YAML::Node endpoint = YAML::Load(text);
      granted += (granted.empty() ? "" : ", ") + endpoint["name"].as<std::string>();
      bring_dataset(endpoint["dataset"].as<std::string>());
    }
    if (!YAML::LoadFile((root / "offloader.yml").string())["keys"]) return;
    token_ = kToken;
    write(root / "keys/keys.yml", "keys: [{id: app, hash: \"" + to_hex(sha256(kToken)) +
                                      "\", tenant: acme, endpoints: [" + granted + "], status: active}]\n");
  }

  void bring_dataset(const std::string& dataset) {
    if (!datasets_.insert(dataset).second) return;
    const fs::path name = "datasets/" + dataset + ".yml";
    fs::create_directories(folder_.path() / "datasets");
    fs::copy_file(data_->path() / name, folder_.path() / name);
    fs::create_directories(folder_.path() / "data");
    fs::copy(data_->path() / "data" / dataset, folder_.path() / "data" / dataset,
             fs::copy_options::recursive);
  }

  static inline std::unique_ptr<TemporaryFolder> data_;
  TemporaryFolder folder_;
  std::set<std::string> datasets_;
  std::string token_;  // empty: no key needed
};

// The index and DuckDB must give the same answers.
TEST_P(CookbookRecipe, Requests_WithAndWithoutIndex_HaveThePrintedAnswers) {
  for (const bool use_index : {true, false}) {
    SCOPED_TRACE(use_index ? "with the index" : "without the index");
    const TemporaryFolder cache;
    TestServer server(folder_.path(), cache.path(), {.use_index = use_index});
    ASSERT_TRUE(server.started()) << server.failure();
    // A forced refresh says why a snapshot is rejected.
    for (const std::string& dataset : datasets_) ASSERT_TRUE(server.refresh(dataset)) << server.failure();
    ASSERT_TRUE(server.await_ready()) << server.failure();
    expect_exchanges(GetParam(), server.api_port(), token_);
  }
}

std::vector<Recipe> recipes() {
  const auto& all = guide().recipes;
  return all.empty() ? all : std::vector<Recipe>(all.begin() + 1, all.end());
}

INSTANTIATE_TEST_SUITE_P(Guide, CookbookRecipe, ::testing::ValuesIn(recipes()), [](const auto& one) {
  std::string name = one.param.name;
  std::erase_if(name, [](unsigned char c) { return std::isalnum(c) == 0 && c != ' '; });
  std::ranges::replace(name, ' ', '_');
  return name;
});

TEST(Cookbook, Guide_EachRecipe_HasAnEndpointARequestAndAnAnswer) {
  ASSERT_EQ(guide().problem, "");
  EXPECT_THAT(recipes(), ::testing::SizeIs(11));
  for (const Recipe& recipe : recipes()) {
    EXPECT_TRUE(std::ranges::any_of(recipe.files, [](const auto& file) {
      return file.first.starts_with("endpoints/");
    })) << recipe.name;
    EXPECT_FALSE(recipe.exchanges.empty()) << recipe.name;
    for (const Exchange& exchange : recipe.exchanges)
      EXPECT_FALSE(exchange.answer.empty() && exchange.status == 200) << recipe.name << exchange.line;
  }
}

TEST(Cookbook, Read_FenceThatMeansNothing_IsAProblem) {
  const auto problem = [](const std::string& fence) {
    return read_cookbook("## Recipes\n\n### One\n\n" + fence, "Recipes").problem;
  };
  EXPECT_EQ(problem("```yaml endpoints/a.yml\nname: a\n```\n"), "");
  EXPECT_EQ(problem("```yaml\nname: a\n```\n"), "line 5: a fence that nothing runs");
  EXPECT_EQ(problem("```json\n{}\n```\n"), "line 5: an answer without a request");
  EXPECT_EQ(problem("```csv\na\n```\n"), "line 5: an answer without a request");
  EXPECT_EQ(problem("```http\nGET\n```\n"), "line 5: neither a request nor an answer");
  EXPECT_EQ(problem("```http\nGET /v1\n"), "line 5: a fence without an end");
  EXPECT_EQ(read_cookbook("## Other\n", "Recipes").problem, "there is no part `Recipes`");
}

TEST(Cookbook, Difference_DigitsOrderAndMembers_AreSeen) {
  EXPECT_EQ(difference(R"({"a": 12.50, "b": ["x  y"]})", R"({"a":12.50,"b":["x  y"]})"), "");
  EXPECT_EQ(difference(R"({"a": 12.5})", R"({"a":12.50})"), R"(/a is "number 12.50", not "number 12.5")");
  EXPECT_EQ(difference(R"({"a": 1, "b": 2})", R"({"b":2,"a":1})"), "/b is in the place of a");
  EXPECT_EQ(difference(R"({"a": 1})", R"({"a":1,"b":2})"), "/b is not printed");
  EXPECT_EQ(difference(R"({"a": 1, "b": 2})", R"({"a":1})"), "/b is missing or out of order");
  EXPECT_EQ(difference(R"([1, 2])", R"([1])"), " has 1 elements, not 2");
  EXPECT_EQ(difference(R"({"a": "…", "c": 3, "…": "…"})", R"({"a":{},"b":0,"c":3,"d":4})"), "");
  EXPECT_EQ(difference(R"({"c": 3, "a": 1, "…": "…"})", R"({"a":1,"c":3})"), "/a is missing or out of order");
}

TEST(Examples, CustomerAnalytics_RequestsOfItsReadme_HaveThePrintedAnswers) {
  const fs::path example = fs::path(OFFLOADER_SOURCE_DIR) / "examples/customer-analytics";
  const std::string readme = text_of(example / "README.md");
  const Cookbook book = read_cookbook(readme, "Requests");
  ASSERT_EQ(book.problem, "");
  const auto key = readme.find("OFFLOADER_KEY=");
  ASSERT_NE(key, std::string::npos);
  const auto begin = key + std::string("OFFLOADER_KEY=").size();
  const std::string token = readme.substr(begin, readme.find('\n', begin) - begin);
  const TemporaryFolder cache;
  TestServer server(example, cache.path());
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  for (const Recipe& recipe : book.recipes) expect_exchanges(recipe, server.api_port(), token);
}

}  // namespace
}  // namespace offloader::app
