#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli_scene.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// `manifest create`, `manifest validate` and `scaffold-dataset` with realistic CSV files.
class CsvCommands : public testing::Test {
 protected:
  std::string at(const std::string& name) { return (folder_.path() / name).string(); }
  Outcome create(const std::vector<std::string>& more) {
    std::vector<std::string> line{"manifest", "create", "--dataset", "d"};
    line.insert(line.end(), more.begin(), more.end());
    return run_cli(line);
  }

  TemporaryFolder folder_;
};

TEST_F(CsvCommands, CreateAndValidate_UnreadableFile_ReportTheSame) {
  struct Case {
    const char* text;
    const char* says;
  };
  for (const Case& c : std::vector<Case>{
           {"id,city\n1,K\xf6ln\n", "Line 2: the text is not UTF-8"},
           {"id,city\n1,\"a\n2,b\n", "Line 2: the quote that opens here is never closed."},
           {"id,city\n1,\"say \\\"hi\\\"\"\n", "Line 2: a quote is escaped with a backslash."},
           {"id,city\n1,a\n2\n", "Line 3 has 1 field"},
           {"id;city\n1;a\n", "Line 1: the fields are separated by `;`, not by `,`"},
           {"", "The file is empty and has no header."},
       }) {
    write(at("f.csv"), "id,city\n1,a\n");
    ASSERT_EQ(create({at("f.csv")}).code, 0);
    write(at("f.csv"), c.text);
    const Outcome refused = create({at("f.csv")});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("f.csv: " + std::string(c.says)));
    json manifest = json::parse(contents(at("manifest.json")));
    manifest["files"][0]["size_bytes"] = fs::file_size(at("f.csv"));
    write(at("manifest.json"), manifest.dump());
    const Outcome deep = run_cli({"manifest", "validate", at("manifest.json"), "--deep"});
    EXPECT_EQ(deep.code, 1);
    EXPECT_THAT(deep.out, HasSubstr(c.says));
    EXPECT_THAT(deep.out, HasSubstr("f.csv"));
  }
}

TEST_F(CsvCommands, Create_DuplicateHeaderOrFile_IsRejected) {
  write(at("dup.csv"), "a,b,a\n1,2,3\n");
  const Outcome duplicate = create({at("dup.csv")});
  EXPECT_EQ(duplicate.code, 1);
  EXPECT_THAT(duplicate.err, HasSubstr("the header contains the column a more than once"));
  EXPECT_FALSE(fs::exists(at("manifest.json")));
  write(at("once.csv"), "a\n1\n");
  fs::create_symlink(at("once.csv"), at("link.csv"));
  for (const char* second : {"once.csv", "link.csv"}) {
    const Outcome twice = create({at("once.csv"), at(second)});
    EXPECT_EQ(twice.code, 1);
    EXPECT_THAT(twice.err, HasSubstr("given twice"));
  }
}

TEST_F(CsvCommands, Create_WithDialectFlags_WritesAManifestThatLoads) {
  write(at("f.csv"), "Order ID;price;city\n1;1,5;K\xf6ln\n2;NA;b\n");
  const Outcome made =
      create({at("f.csv"), "--delimiter", ";", "--encoding", "latin-1", "--null", "NA", "--decimal-comma"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("column \"Order ID\" is renamed to order_id"));
  const json manifest = json::parse(contents(at("manifest.json")));
  EXPECT_EQ(manifest.at("csv").dump(),
            R"({"decimal":",","delimiter":";","encoding":"latin-1","null":["","NA"]})");
  EXPECT_EQ(manifest.at("schema").dump(),
            R"([{"from":"Order ID","name":"order_id","type":"BIGINT"},{"name":"price","type":"DOUBLE"},)"
            R"({"name":"city","type":"VARCHAR"}])");
  const Outcome deep = run_cli({"manifest", "validate", at("manifest.json"), "--deep"});
  EXPECT_EQ(deep.code, 0) << deep.out << deep.err;
  EXPECT_EQ(create({at("f.csv"), "--delimiter", "ab"}).code, 2);
  EXPECT_EQ(create({at("f.csv"), "--encoding", "ebcdic"}).code, 2);
}

TEST_F(CsvCommands, Create_InsideAProject_ChecksTheContract) {
  write(at("offloader.yml"), "version: 1\nauth: none\n");
  fs::create_directories(at("datasets"));
  fs::create_directories(at("endpoints"));
  fs::create_directories(at("data"));
  write(at("datasets/d.yml"),
        "id: d\nmanifest: data/manifest.json\ntenant_column: tenant\nschema:\n"
        "  - {name: tenant, type: VARCHAR}\n  - {name: zip, type: VARCHAR, from: \"ZIP Code\"}\n"
        "  - {name: qty, type: INTEGER}\n");
  write(at("data/f.csv"), "tenant,ZIP Code,qty\n77,1000,1\n77,2000,x\n");
  const Outcome refused = create({at("data/f.csv")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("Row 2: value \"x\" of qty is not an INTEGER."));
  EXPECT_THAT(refused.err, HasSubstr("f.csv"));
  EXPECT_FALSE(fs::exists(at("data/manifest.json")));
  // Numeric-looking values get the types of the contract.
  write(at("data/f.csv"), "tenant,ZIP Code,qty\n77,1000,1\n77,2000,\n");
  const Outcome made = create({at("data/f.csv")});
  ASSERT_EQ(made.code, 0) << made.err;
  const Outcome deep = run_cli({"manifest", "validate", at("data/manifest.json"), "--deep"});
  EXPECT_EQ(deep.code, 0) << deep.out << deep.err;
}

TEST_F(CsvCommands, Create_InsideAProjectWithErrors_StillUsesTheDataset) {
  write(at("offloader.yml"), "version: 1\nauth: none\n");  // there is no folder `endpoints` yet
  fs::create_directories(at("datasets"));
  fs::create_directories(at("data"));
  write(at("datasets/d.yml"),
        "id: d\nmanifest: data/manifest.json\nschema: [{name: price, type: \"DECIMAL(12,4)\"}]\n");
  write(at("data/f.csv"), "price\n0.0020\n");
  const Outcome made = create({at("data/f.csv")});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(contents(at("data/manifest.json")), HasSubstr(R"({"name": "price", "type": "DECIMAL(12,4))"));
}

TEST_F(CsvCommands, Scaffold_LongNumbersAndNames_DraftsTextAndFrom) {
  write(at("cards.csv"), "card,Home City\n89410112345678901234,a\n89410112345678901235,b\n");
  const Outcome draft = run_cli({"scaffold-dataset", "--from", at("cards.csv")});
  EXPECT_EQ(draft.code, 0) << draft.err;
  EXPECT_THAT(draft.out, HasSubstr("{name: \"card\", type: VARCHAR}"));
  EXPECT_THAT(draft.out, HasSubstr("{name: \"home_city\", type: VARCHAR, from: \"Home City\"}"));
  write(at("all-quoted.csv"), "\"id\",\"qty\",\"day\"\n\"1\",\"5\",\"2026-01-01\"\n\"2\",\"\",\"\"\n");
  const Outcome quoted = run_cli({"scaffold-dataset", "--from", at("all-quoted.csv")});
  EXPECT_THAT(quoted.out, HasSubstr("{name: \"qty\", type: BIGINT}"));
  EXPECT_THAT(quoted.out, HasSubstr("{name: \"day\", type: DATE}"));
}

TEST_F(CsvCommands, Validate_UndeclaredColumn_IsAWarning) {
  write(at("f.csv"), "id\n1\n");
  ASSERT_EQ(create({at("f.csv")}).code, 0);
  json manifest = json::parse(contents(at("manifest.json")));
  write(at("f.csv"), "id,more\n1,2\n");
  manifest["files"][0]["size_bytes"] = fs::file_size(at("f.csv"));
  write(at("manifest.json"), manifest.dump());
  const Outcome warned = run_cli({"manifest", "validate", at("manifest.json"), "--deep"});
  EXPECT_EQ(warned.code, 0) << warned.out;
  EXPECT_THAT(warned.out, HasSubstr("ignored: more"));
  manifest["compatibility_policy"] = "exact";
  write(at("manifest.json"), manifest.dump());
  const Outcome exact = run_cli({"manifest", "validate", at("manifest.json")});
  EXPECT_EQ(exact.code, 1) << exact.out;
  EXPECT_THAT(exact.out, HasSubstr("schema_data_mismatch"));
}

}  // namespace
}  // namespace offloader::cli
