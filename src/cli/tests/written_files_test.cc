#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cli_scene.h"

// `validate` and `manifest validate` accept everything that a command drafts or writes, even with unusual
// names.
namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class WrittenFiles : public testing::Test {
 protected:
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_.path() / name).string(); }

  // A public project for the written files.
  void make_project() {
    write(at("p/offloader.yml"), "version: 1\nauth: none\n");
    fs::create_directories(at("p/datasets"));
    fs::create_directories(at("p/endpoints"));
  }

  TemporaryFolder folder_;
};

TEST_F(WrittenFiles, ScaffoldDataset_UnusualFileName_Validates) {
  make_project();
  int made = 0;
  for (const std::string& name :
       {std::string("null"), std::string("true"), std::string("NO"), std::string("my data (1)"),
        std::string("9"), std::string("grüße"), std::string("-"), std::string(100, 'x'),
        std::string("a'b\"c"), std::string("a\\b")}) {
    write(at(name + ".csv"), "id,1,1e5,true,Null,no\na,2,3,4,5,6\n");
    const std::string out = at("p/datasets/d" + std::to_string(++made) + ".yml");
    const char* tenant = made % 2 == 0 ? "true" : "1e5";
    const Outcome drafted =
        run_cli({"scaffold-dataset", "--from", at(name + ".csv"), "--tenant-column", tenant, "--out", out});
    ASSERT_EQ(drafted.code, 0) << name << drafted.err;
    const Outcome valid = run_cli({"validate", "--config", at("p")});
    EXPECT_EQ(valid.code, 0) << name << "\n" << contents(out) << valid.out;
    fs::remove(out);
  }
}

TEST_F(WrittenFiles, ScaffoldDataset_ManifestOutside_NamesOneInside) {
  make_project();
  write(at("t.csv"), "id\n1\n");
  ASSERT_EQ(run_cli({"manifest", "create", "--dataset", "t", at("t.csv")}).code, 0);
  const Outcome drafted =
      run_cli({"scaffold-dataset", "--from", at("manifest.json"), "--out", at("p/datasets/t.yml")});
  ASSERT_EQ(drafted.code, 0) << drafted.err;
  EXPECT_THAT(drafted.err, HasSubstr("is outside the project: move it to data/t/manifest.json"));
  EXPECT_EQ(run_cli({"validate", "--config", at("p")}).code, 0) << contents(at("p/datasets/t.yml"));
}

TEST_F(WrittenFiles, KeysCreate_IdIsAYamlWord_Validates) {
  make_project();
  write(at("p/datasets/d.yml"), "id: d\nmanifest: m.json\nschema: [{name: c, type: DATE}]\n");
  write(at("p/endpoints/e.yml"),
        "name: e\nversion: 1\ndataset: d\nquery: {select: [{as: c, column: c}]}\ncolumns: [c]\n");
  write(at("p/offloader.yml"), "version: 1\nkeys: keys.yml\n");
  for (const char* id : {"null", "true", "off", "y"}) {
    const Outcome made =
        run_cli({"keys", "create", "--id", id, "--tenant", "a: \"b\" # c\n", "--endpoints", "e"});
    ASSERT_EQ(made.code, 0) << made.err;
    write(at("p/keys.yml"), "keys:\n" + made.out.substr(made.out.find("  - id:")));
    const Outcome valid = run_cli({"validate", "--config", at("p")});
    EXPECT_EQ(valid.code, 0) << contents(at("p/keys.yml")) << valid.out;
  }
}

TEST_F(WrittenFiles, ManifestCreate_UnusualFileName_Loads) {
  for (const char* name : {"a\\b.csv", "100%.csv", "a%20b.csv", "what?.csv", "a#b.csv", "a b.csv",
                           "grüße.csv", "a'b\"c.csv", "[a]*.csv", "a\nb.csv"}) {
    const std::string folder = at("d" + std::to_string(std::hash<std::string>{}(name)));
    write(folder + "/" + name, "id\n1\n");
    const Outcome made =
        run_cli({"manifest", "create", "--dataset", "d", folder + "/" + name, "--out", folder + "/m.json"});
    ASSERT_EQ(made.code, 0) << name << made.err;
    const Outcome deep = run_cli({"manifest", "validate", folder + "/m.json", "--deep"});
    EXPECT_EQ(deep.code, 0) << name << "\n" << deep.out << deep.err;
  }
}

TEST_F(WrittenFiles, Init_WrittenFiles_AreClosedToOthers) {
  const mode_t before = ::umask(0);
  const Outcome made = run_cli({"init", "--out", at("new")});
  ::umask(before);
  ASSERT_EQ(made.code, 0) << made.err;
  int seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(at("new"))) {
    ++seen;
    EXPECT_EQ(entry.status().permissions() & fs::perms::others_all, fs::perms::none) << entry.path();
    EXPECT_EQ(entry.status().permissions() & fs::perms::group_write, fs::perms::none) << entry.path();
  }
  EXPECT_GT(seen, 5);
  EXPECT_EQ(fs::status(at("new/keys/keys.yml")).permissions(), fs::perms{0640});
  EXPECT_EQ(fs::status(at("new")).permissions(), fs::perms{0750});
}

TEST_F(WrittenFiles, ScaffoldDataset_FileInAProject_NamesTheManifestBesideIt) {
  make_project();
  write(at("p/data/part_0.csv"), "Customer\nacme\n");
  const Outcome drafted =
      run_cli({"scaffold-dataset", "--from", at("p/data/part_0.csv"), "--out", at("p/datasets/t.yml")});
  ASSERT_EQ(drafted.code, 0) << drafted.err;
  EXPECT_THAT(contents(at("p/datasets/t.yml")), HasSubstr("manifest: \"data/manifest.json\""));
  const auto refused = [&](const std::vector<std::string>& more) {
    std::vector<std::string> line{"scaffold-dataset", "--from", at("p/data/part_0.csv")};
    line.insert(line.end(), more.begin(), more.end());
    return run_cli(line).err;
  };
  EXPECT_THAT(refused({"--out", at("p/datasets/t.yml")}), HasSubstr("already exists: choose another file"));
  EXPECT_THAT(refused({"--tenant-column", "CUSTOMER"}), HasSubstr("did you mean `Customer`?"));
  EXPECT_THAT(refused({"--tenant-column", "Custmer"}), HasSubstr("did you mean `Customer`?"));
}

TEST_F(WrittenFiles, FolderWithoutAProject_InitAndServe_SayWhatToDo) {
  write(at("bin/tool"), "x");
  const Outcome refused = run_cli({"init", "--out", at("bin")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("has no project: choose another folder with --out\n"));
  const Outcome nothing = run_cli({"serve", at("bin")});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr(at("bin") + " has no offloader.yml"));
  EXPECT_THAT(nothing.err, HasSubstr("offloader init"));
}

class ValidateManifests : public WrittenFiles {
 protected:
  void SetUp() override {
    ASSERT_EQ(run_cli({"init", "--out", at("q"), "--public"}).code, 0);
    ASSERT_EQ(validated().out, "ok: 1 dataset, 2 endpoints, 0 keys\n");
  }

  Outcome validated() { return run_cli({"validate", "--config", at("q")}); }

  // Returns the only warning that a change to the manifest causes, and checks that validation still succeeds.
  std::string warning(const std::string& from, const std::string& to) {
    const std::string path = at("q/data/orders_daily/manifest.json");
    const std::string sound = contents(path);
    std::string changed = sound;
    const auto found = changed.find(from);
    EXPECT_NE(found, std::string::npos) << from;
    write(path, changed.replace(found, from.size(), to));
    const Outcome outcome = validated();
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.out, HasSubstr("ok: 1 dataset, 2 endpoints, 0 keys, 1 warning\n"));
    write(path, sound);
    return outcome.out.substr(0, outcome.out.find('\n'));
  }
};

TEST_F(ValidateManifests, Validate_ManifestWithErrors_Warns) {
  EXPECT_THAT(warning("\"dataset_id\": \"orders_daily\"", "\"dataset_id\": \"orders\""),
              HasSubstr("data/orders_daily/manifest.json: warning: dataset_mismatch at dataset_id"));
  EXPECT_THAT(warning("\"row_count\": ", "\"row_count\": -"), HasSubstr("warning: invalid_value at "));
  EXPECT_THAT(warning("{\n", "{,\n"), HasSubstr("warning: invalid_json"));
  EXPECT_THAT(
      warning("\"part-0.csv\"", "\"s3://elsewhere/part-0.csv\""),
      HasSubstr("warning: origin_not_allowed at files[0].path: the origin s3://elsewhere is not allowed"));
  EXPECT_THAT(warning("\"part-0.csv\"", "\"part-1.csv\""),
              HasSubstr("warning: missing_file at files[0].path"));
  EXPECT_THAT(warning("\"passed\"", "\"failed\""), HasSubstr("warning: quality_failed"));
}

TEST_F(ValidateManifests, Validate_MissingManifest_Warns) {
  fs::remove(at("q/data/orders_daily/manifest.json"));
  const Outcome outcome = validated();
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("warning: missing_file at manifest: the manifest "
                                     "\"data/orders_daily/manifest.json\" does not exist"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("datasets/orders_daily.yml:[1-9]"));
  const Outcome as_json = run_cli({"validate", "--config", at("q"), "--json"});
  EXPECT_THAT(as_json.out, HasSubstr(R"("valid":true)"));
  EXPECT_THAT(as_json.out, HasSubstr(R"("findings_total":1})"));
}

TEST_F(ValidateManifests, ManifestValidate_OtherFileInvalid_StillChecks) {
  write(at("q/endpoints/broken.yml"), "name: [");
  const std::string path = at("q/data/orders_daily/manifest.json");
  const Outcome sound = run_cli({"manifest", "validate", path});
  EXPECT_EQ(sound.code, 0) << sound.out << sound.err;
  EXPECT_THAT(
      sound.err,
      HasSubstr("has errors in other files (see `offloader validate`); the manifest is checked against "
                "datasets/orders_daily.yml"));
  std::string narrow = contents(path);
  narrow.replace(narrow.find("\"DATE\""), 6, "\"JSON\"");
  write(path, narrow);
  const Outcome wrong = run_cli({"manifest", "validate", path});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.out, HasSubstr("incompatible_schema")) << "against the contract";
  write(at("q/datasets/orders_daily.yml"), "id: orders_daily\nschema: []\n");
  const Outcome broken = run_cli({"manifest", "validate", path});
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.err, HasSubstr("q/offloader.yml is not valid:")) << "its own dataset is wrong";
}

TEST_F(ValidateManifests, ManifestValidate_FileNamedTwice_IsRejected) {
  const std::string path = at("q/data/orders_daily/manifest.json");
  std::string twice = contents(path);
  twice.replace(twice.find("\"files\": [") + 10, 0, "{\"path\": \"./part-0.csv\", \"format\": \"csv\"},");
  write(path, twice);
  const Outcome outcome = run_cli({"manifest", "validate", path});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("duplicate_file at files[1].path: this is the same file as files[0]"));
}

TEST_F(ValidateManifests, Validate_ManyErrors_ListsSomeAndCountsAll) {
  std::string text = "version: 1\nauth: none\n";
  for (int i = 0; i < 300; ++i) text += "f" + std::to_string(i) + ": 1\n";
  write(at("q/offloader.yml"), text);
  const Outcome outcome = validated();
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("findings_omitted: 200 more errors are not listed\n"));
  EXPECT_EQ(outcome.err, "300 errors\n");
  EXPECT_THAT(run_cli({"validate", "--config", at("q"), "--json"}).out,
              HasSubstr(R"("findings_total":300})"));
}

}  // namespace
}  // namespace offloader::cli
