#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli_scene.h"
#include "offloader/base/crypto.h"
#include "starter_project.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class ProjectCommands : public testing::Test {
 protected:
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_.path() / name).string(); }

  TemporaryFolder folder_;
};

TEST_F(ProjectCommands, Init_NewFolder_WritesAProjectThatLoads) {
  for (const bool open : {false, true}) {
    const std::string out = at(open ? "open" : "closed");
    std::vector<std::string> line{"init", "--out", out};
    if (open) line.emplace_back("--public");
    const Outcome made = run_cli(line);
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(made.err, "");
    EXPECT_THAT(made.out, HasSubstr("offloader serve " + out));
    EXPECT_EQ(made.out.find("OFFLOADER_KEY=offl_") == std::string::npos, open);
    const Outcome valid = run_cli({"validate", "--config", out});
    EXPECT_EQ(valid.code, 0) << valid.out;
    EXPECT_EQ(valid.out,
              open ? "ok: 1 dataset, 2 endpoints, 0 keys\n" : "ok: 1 dataset, 2 endpoints, 2 keys\n");
    const Outcome deep =
        run_cli({"manifest", "validate", out + "/data/orders_daily/manifest.json", "--deep"});
    EXPECT_EQ(deep.code, 0) << deep.out << deep.err;
    EXPECT_THAT(deep.out, HasSubstr("1 file, loaded\n"));
  }
}

TEST_F(ProjectCommands, Init_DemoKeys_AreStoredOnlyAsHashes) {
  const Outcome made = run_cli({"init", "--out", at("p"), "--json"});
  ASSERT_EQ(made.code, 0);
  const json printed = json::parse(made.out);
  ASSERT_EQ(printed.at("tokens").size(), 2U);
  EXPECT_EQ(printed.at("tokens")[0], json({{"tenant", "acme"}, {"token", printed.at("key")}}));
  EXPECT_EQ(printed.at("tokens")[1].at("tenant"), "globex");
  for (const json& each : printed.at("tokens")) {
    const std::string token = each.at("token");
    EXPECT_EQ(token.size(), 5U + 48U);
    EXPECT_THAT(contents(at("p/keys/keys.yml")), HasSubstr(to_hex(sha256(token))));
    for (const auto& entry : fs::recursive_directory_iterator(at("p"))) {
      if (!entry.is_regular_file()) continue;
      EXPECT_THAT(contents(entry.path()), Not(HasSubstr(token))) << entry.path();
    }
  }
}

TEST_F(ProjectCommands, Init_FolderNotEmpty_RequiresForce) {
  write(at("p/offloader.yml"), "mine");
  write(at("p/notes.txt"), "mine");
  const Outcome refused = run_cli({"init", "--out", at("p")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  EXPECT_EQ(contents(at("p/offloader.yml")), "mine");
  EXPECT_EQ(run_cli({"init", "--out", at("p"), "--force"}).code, 0);
  EXPECT_THAT(contents(at("p/offloader.yml")), HasSubstr("version: 1"));
  EXPECT_EQ(contents(at("p/notes.txt")), "mine");
  EXPECT_EQ(run_cli({"init", "--out", at("p/notes.txt")}).code, 1);
  fs::create_directories(at("empty"));
  EXPECT_EQ(run_cli({"init", "--out", at("empty")}).code, 0);
}

TEST_F(ProjectCommands, Init_StarterProject_MatchesItsGoldenFile) {
  std::string all;
  for (const bool open : {false, true}) {
    for (const auto& [name, text] : starter_project(
             {open, 20089, {std::string(64, 'a'), std::string(64, 'b')}, "2025-01-01T06:00:00Z"})) {
      const bool data = name.ends_with(".csv");
      all += (open ? "==== public/" : "==== ") + name + "\n" +
             (data ? text.substr(0, text.find('\n', 120) + 1) : text);
    }
  }
  const fs::path golden = fs::path(OFFLOADER_SOURCE_DIR) / "src/cli/tests/golden/starter_project.txt";
  if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) write(golden, all);
  EXPECT_EQ(all, contents(golden));
}

TEST_F(ProjectCommands, Validate_InvalidProject_PrintsFindingsAsTextAndJson) {
  write(at("offloader.yml"), "version: 1\nauth: none\nkyes: k\n");
  const Outcome text = run_cli({"validate", "--config", at("offloader.yml")});
  EXPECT_EQ(text.code, 1);
  EXPECT_THAT(text.out, HasSubstr("offloader.yml:3: unknown_field at kyes"));
  EXPECT_THAT(text.err, HasSubstr("errors"));
  const Outcome as_json = run_cli({"validate", "--config", at("offloader.yml"), "--json"});
  EXPECT_EQ(as_json.code, 1);
  const json parsed = json::parse(as_json.out);
  EXPECT_EQ(parsed.at("valid"), false);
  EXPECT_FALSE(parsed.at("findings").empty());
  EXPECT_EQ(run_cli({"validate", "--config", at("none.yml")}).code, 1);
}

TEST_F(ProjectCommands, ManifestCreate_CsvFiles_WritesAManifestThatLoads) {
  write(at("data/a.csv"), "id,day,price,zip\n1,2025-01-01,1.5,00501\n2,2025-01-02,2,00502\n");
  write(at("data/b.csv"), "id,day,price,zip\n3,2025-01-03,,x\n");
  const Outcome made =
      run_cli({"manifest", "create", "--dataset", "orders", at("data/a.csv"), at("data/b.csv"), "--watermark",
               "2025-01-04T00:00:00Z", "--snapshot-id", "2025-01-03"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.out, at("data/manifest.json") + "\n");
  const json manifest = json::parse(contents(at("data/manifest.json")));
  EXPECT_EQ(manifest.at("dataset_id"), "orders");
  EXPECT_EQ(manifest.at("snapshot_id"), "2025-01-03");
  EXPECT_EQ(manifest.at("watermark"), "2025-01-04T00:00:00Z");
  EXPECT_EQ(manifest.at("row_count"), 3);
  EXPECT_EQ(manifest.at("size_bytes"), fs::file_size(at("data/a.csv")) + fs::file_size(at("data/b.csv")));
  EXPECT_EQ(manifest.at("schema").dump(),
            R"([{"name":"id","type":"BIGINT"},{"name":"day","type":"DATE"},{"name":"price","type":"DOUBLE"},)"
            R"({"name":"zip","type":"VARCHAR"}])");
  EXPECT_EQ(manifest.at("files")[1].dump(),
            R"({"format":"csv","path":"b.csv","row_count":1,"size_bytes":33})");
  const Outcome deep = run_cli({"manifest", "validate", at("data/manifest.json"), "--deep"});
  EXPECT_EQ(deep.code, 0) << deep.out << deep.err;
  EXPECT_THAT(deep.err, HasSubstr("without a contract"));
}

TEST_F(ProjectCommands, ManifestCreate_NameNearlyThatOfADataset_AsksWhetherItIsMeant) {
  write(at("offloader.yml"), "version: 1\nauth: none\n");
  write(at("datasets/orders.yml"),
        "id: orders\nmanifest: data/manifest.json\nschema: [{name: amount, type: \"DECIMAL(12,2)\"}]\n");
  write(at("data/a.csv"), "amount\n1.50\n");
  const auto create = [&](const std::string& dataset) {
    return run_cli({"manifest", "create", "--dataset", dataset, at("data/a.csv")});
  };
  const Outcome mistyped = create("ordres");
  EXPECT_EQ(mistyped.code, 0) << mistyped.err;
  EXPECT_THAT(mistyped.err, HasSubstr("Did you mean \"orders\"?"));
  EXPECT_EQ(create("visits").err, "") << "a new dataset";
  EXPECT_EQ(create("orders").err, "");
}

TEST_F(ProjectCommands, ManifestCreate_ParquetFile_ReadsItsSchema) {
  const fs::path example =
      fs::path(OFFLOADER_SOURCE_DIR) / "examples/public-metrics/data/air_quality/part-0.parquet";
  fs::copy_file(example, at("part-0.parquet"));
  const Outcome made = run_cli(
      {"manifest", "create", "--dataset", "air_quality", at("part-0.parquet"), "--out", at("m.json")});
  ASSERT_EQ(made.code, 0) << made.err;
  const json manifest = json::parse(contents(at("m.json")));
  const json theirs = json::parse(contents(example.parent_path() / "manifest.json"));
  EXPECT_EQ(manifest.at("schema"), theirs.at("schema"));
  EXPECT_EQ(manifest.at("row_count"), theirs.at("row_count"));
  EXPECT_EQ(run_cli({"manifest", "validate", at("m.json"), "--deep", "--config",
                     OFFLOADER_SOURCE_DIR "/examples/public-metrics"})
                .code,
            1)
      << "the file is not in that project";
}

TEST_F(ProjectCommands, ManifestCreate_InvalidFiles_ReportsTheError) {
  write(at("a.csv"), "id\n1\n");
  write(at("b.csv"), "other\n1\n");
  write(at("c.txt"), "id\n1\n");
  write(at("sub/d.csv"), "id\nx\n");
  const auto create = [&](const std::vector<std::string>& more) {
    std::vector<std::string> line{"manifest", "create", "--dataset", "d"};
    line.insert(line.end(), more.begin(), more.end());
    return run_cli(line);
  };
  EXPECT_EQ(create({at("none.csv")}).code, 1);
  EXPECT_THAT(create({at("none.csv")}).err, HasSubstr("There is no file"));
  EXPECT_EQ(create({at("c.txt")}).code, 2);
  EXPECT_THAT(create({at("c.txt")}).err, HasSubstr(".parquet"));
  EXPECT_THAT(create({at("a.csv"), at("b.csv")}).err, HasSubstr("has a column other"));
  EXPECT_THAT(create({at("a.csv"), "--out", at("sub/m.json")}).err,
              HasSubstr("or below it: put the manifest beside or above its files"));
  const Outcome widened = create({at("a.csv"), at("sub/d.csv"), "--out", "-"});
  // The manifest would be in the working folder, which is not above the files.
  EXPECT_EQ(widened.code, 1);
  const Outcome good = create({at("a.csv"), at("sub/d.csv"), "--out", at("m.json")});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.err, HasSubstr("column id is VARCHAR"));
  EXPECT_EQ(run_cli({"manifest", "validate", at("m.json"), "--deep"}).code, 0);
}

TEST_F(ProjectCommands, ManifestValidate_ManyErrors_ReportsAllAtOnce) {
  ASSERT_EQ(run_cli({"init", "--out", at("p")}).code, 0);
  const fs::path path = at("p/data/orders_daily/manifest.json");
  const json sound = json::parse(contents(path));
  const auto check = [&](const json& manifest, const std::vector<std::string>& more = {}) {
    write(path, manifest.dump(2));
    std::vector<std::string> line{"manifest", "validate", path.string()};
    line.insert(line.end(), more.begin(), more.end());
    return run_cli(line);
  };
  json changed = sound;
  changed["files"][0]["size_bytes"] = 1;
  changed["files"].push_back({{"path", "part-1.csv"}, {"format", "csv"}});
  changed["schema"][4]["type"] = "VARCHAR";
  const Outcome many = check(changed);
  EXPECT_EQ(many.code, 1);
  for (const char* code : {"size_mismatch", "missing_file", "incompatible_schema"})
    EXPECT_THAT(many.out, HasSubstr(code));

  changed = sound;
  changed["schema"].push_back({{"name", "extra"}, {"type", "DATE"}});
  EXPECT_THAT(check(changed).out, HasSubstr("schema_data_mismatch"));
  changed = sound;
  changed["data_quality_status"] = "failed";
  EXPECT_THAT(check(changed).out, HasSubstr("quality_failed"));
  changed = sound;
  changed["dataset_id"] = "unknown";
  EXPECT_THAT(check(changed).out, HasSubstr("dataset_mismatch"));
  changed = sound;
  changed["files"][0]["path"] = "../../../offloader.yml";
  EXPECT_THAT(check(changed).out, HasSubstr("unsafe_path"));
  changed = sound;
  changed.erase("watermark");
  const Outcome fields = check(changed, {"--json"});
  EXPECT_EQ(fields.code, 1);
  EXPECT_EQ(json::parse(fields.out).at("findings")[0].at("code"), "missing");

  // Only a load finds these.
  changed = sound;
  changed["row_count"] = 1;
  EXPECT_EQ(check(changed).code, 0);
  const Outcome deep = check(changed, {"--deep"});
  EXPECT_EQ(deep.code, 1);
  EXPECT_THAT(deep.out, HasSubstr("row_count_mismatch"));

  EXPECT_EQ(run_cli({"manifest", "validate", at("none.json")}).code, 1);
  // Findings in the dataset's own file are shown; those in other files do not matter here.
  write(at("p/offloader.yml"), "version: 1\nauth: none\n");
  write(at("p/datasets/orders_daily.yml"), "id: orders_daily\nschema: []\n");
  const Outcome broken = check(sound);
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.err, HasSubstr("must not be an empty list"));
}

TEST_F(ProjectCommands, ScaffoldDataset_EachKindOfFile_WritesADraft) {
  write(at("My Orders.2025.csv"), "tenant_id,on,amount\nacme,2025-01-01,1.5\n");
  const Outcome csv =
      run_cli({"scaffold-dataset", "--from", at("My Orders.2025.csv"), "--tenant-column", "tenant_id"});
  EXPECT_EQ(csv.code, 0) << csv.err;
  EXPECT_EQ(
      csv.out,
      "# A draft: check the types, and set the tenant column if the rows belong to tenants.\nid: my_orders\n"
      "# description:\nmanifest: \"data/my_orders/manifest.json\"  # in the project, or an s3://, gs:// or "
      "https:// "
      "URL\ntenant_column: tenant_id\nschema:\n  - {name: \"tenant_id\", type: VARCHAR}\n"
      "  - {name: \"on\", type: DATE}\n  - {name: \"amount\", type: DOUBLE}\n");

  const std::string example = OFFLOADER_SOURCE_DIR "/examples/public-metrics/data/air_quality/";
  const Outcome parquet = run_cli(
      {"scaffold-dataset", "--from", example + "part-0.parquet", "--id", "air", "--out", at("air.yml")});
  EXPECT_EQ(parquet.code, 0) << parquet.err;
  EXPECT_EQ(parquet.out, at("air.yml") + "\n");
  EXPECT_THAT(contents(at("air.yml")), HasSubstr("{name: \"readings\", type: JSON}"));
  EXPECT_EQ(run_cli({"scaffold-dataset", "--from", example + "part-0.parquet", "--out", at("air.yml")}).code,
            1)
      << "overwrites nothing";
  const Outcome money =
      run_cli({"scaffold-dataset", "--from",
               OFFLOADER_SOURCE_DIR "/examples/customer-analytics/data/account_daily/manifest.json"});
  EXPECT_THAT(money.out, HasSubstr("  - {name: \"revenue\", type: \"DECIMAL(12,2)\"}\n"))
      << "a comma needs quotes";

  const Outcome manifest = run_cli({"scaffold-dataset", "--from", example + "manifest.json"});
  EXPECT_THAT(manifest.out, HasSubstr("manifest: \"data/air_quality/manifest.json\""))
      << "from the project's folder";
  EXPECT_THAT(manifest.out, HasSubstr("id: air_quality\n"));
  EXPECT_THAT(manifest.out, HasSubstr("{name: \"humidity\", type: INTEGER}"));
}

TEST_F(ProjectCommands, ScaffoldDataset_ThenManifestCreate_Validates) {
  write(at("orders.csv"), "tenant_id,n\nacme,1\n");
  ASSERT_EQ(
      run_cli({"scaffold-dataset", "--from", at("orders.csv"), "--out", at("p/datasets/orders.yml")}).code, 1)
      << "the folder is not made";
  fs::create_directories(at("p/datasets"));
  fs::create_directories(at("p/endpoints"));
  fs::create_directories(at("p/data/orders"));
  ASSERT_EQ(
      run_cli({"scaffold-dataset", "--from", at("orders.csv"), "--out", at("p/datasets/orders.yml")}).code,
      0);
  fs::copy_file(at("orders.csv"), at("p/data/orders/orders.csv"));
  ASSERT_EQ(run_cli({"manifest", "create", "--dataset", "orders", at("p/data/orders/orders.csv")}).code, 0);
  write(at("p/offloader.yml"), "version: 1\nauth: none\n");
  EXPECT_EQ(run_cli({"validate", "--config", at("p")}).code, 0);
  const Outcome valid = run_cli({"manifest", "validate", at("p/data/orders/manifest.json"), "--deep"});
  EXPECT_EQ(valid.code, 0) << valid.out << valid.err;
}

TEST_F(ProjectCommands, ScaffoldDataset_InvalidInput_IsRejected) {
  write(at("t.csv"), "a,b\n1.5,x\n");
  const auto scaffold = [&](const std::string& from, const std::string& tenant) {
    std::vector<std::string> line{"scaffold-dataset", "--from", from};
    if (!tenant.empty()) line.insert(line.end(), {"--tenant-column", tenant});
    return run_cli(line);
  };
  EXPECT_EQ(scaffold(at("t.csv"), "c").code, 2);
  EXPECT_THAT(scaffold(at("t.csv"), "a").err, HasSubstr("`a` is DOUBLE"));
  EXPECT_EQ(scaffold(at("none.csv"), "").code, 1);
  write(at("m.json"), "{}");
  EXPECT_THAT(scaffold(at("m.json"), "").err, HasSubstr("missing"));
}

TEST(Keys, Create_NewKey_PrintsTheTokenAndItsEntry) {
  const Outcome made =
      run_cli({"keys", "create", "--id", "app", "--tenant", "acme \"x\"", "--endpoints", "a,b"});
  ASSERT_EQ(made.code, 0);
  const std::string token = made.out.substr(0, made.out.find('\n'));
  EXPECT_TRUE(token.starts_with("offl_") && token.size() == 53) << token;
  EXPECT_EQ(made.out, token + "\n\n  - id: app\n    hash: \"" + to_hex(sha256(token)) +
                          "\"\n    tenant: \"acme \\\"x\\\"\"\n    endpoints: [a, b]\n    status: active\n");
  const json parsed = json::parse(run_cli({"keys", "create", "--json"}).out);
  EXPECT_EQ(parsed.at("hash"), to_hex(sha256(parsed.at("token").get<std::string>())));
  EXPECT_TRUE(parsed.at("tenant").is_null());
}

TEST(Keys, Hash_TokenOnStandardInput_PrintsItsHash) {
  EXPECT_EQ(run_cli({"keys", "hash"}, {.environment = {}, .input = "offl_abc\r\n"}).out,
            to_hex(sha256("offl_abc")) + "\n");
  const Outcome none = run_cli({"keys", "hash"});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("standard input"));
}

TEST(Version, Version_TextAndJson_NameTheVersions) {
  EXPECT_THAT(run_cli({"version"}).out, HasSubstr("duckdb v1."));
  EXPECT_FALSE(json::parse(run_cli({"version", "--json"}).out).at("version").get<std::string>().empty());
}

TEST(Docs, Docs_WithoutAServer_PrintsUrlsAndWritesOpenApi) {
  EXPECT_EQ(run_cli({"docs"}).out,
            "Docs     http://127.0.0.1:4001/docs\nOpenAPI  http://127.0.0.1:4001/openapi.json\n"
            "Schema   http://127.0.0.1:4001/schema\n");
  EXPECT_THAT(run_cli({"docs"}, {.environment = {{"OFFLOADER_ADMIN_PORT", "4711"}}}).out,
              HasSubstr("http://127.0.0.1:4711/docs\n"));
  EXPECT_THAT(run_cli({"docs"}, {.environment = {{"OFFLOADER_ADMIN_TLS_CERT", "port.pem"}}}).out,
              HasSubstr("https://localhost:4001/docs"));
  EXPECT_EQ(json::parse(run_cli({"docs", "--admin-url", "http://h:1/", "--json"}).out).at("docs"),
            "http://h:1/docs");
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "openapi.json").string();
  const Outcome written =
      run_cli({"docs", "--openapi", file, "--config", OFFLOADER_SOURCE_DIR "/examples/customer-analytics"});
  EXPECT_EQ(written.code, 0) << written.err;
  const json spec = json::parse(contents(file));
  EXPECT_EQ(spec.at("openapi"), "3.1.0");
  EXPECT_TRUE(spec.at("paths").contains("/v1/endpoints/account_totals"));
  EXPECT_EQ(run_cli({"docs", "--openapi", file, "--config", (folder.path() / "none").string()}).code, 1);
}

}  // namespace
}  // namespace offloader::cli
