#include "offloader/admin/support_bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "offloader/base/crypto.h"
#include "offloader/catalog/load.h"

namespace offloader::admin {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> unpacked(const std::string& bytes) {
  std::map<std::string, std::string> files;
  const std::unique_ptr<struct archive, decltype(&archive_read_free)> in(archive_read_new(),
                                                                         archive_read_free);
  archive_read_support_filter_gzip(in.get());
  archive_read_support_format_tar(in.get());
  EXPECT_EQ(archive_read_open_memory(in.get(), bytes.data(), bytes.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(in.get(), &entry) == ARCHIVE_OK) {
    std::string text(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
    EXPECT_EQ(archive_read_data(in.get(), text.data(), text.size()), static_cast<la_ssize_t>(text.size()));
    EXPECT_EQ(archive_entry_mtime(entry), 0);
    files[archive_entry_pathname(entry)] = text;
  }
  return files;
}

class SupportBundle : public testing::Test {
 protected:
  SupportBundle() : root_(fs::temp_directory_path() / ("offloader-bundle-" + random_hex(8))) {
    write("offloader.yml",
          "version: 1\nauth: required\nkeys: keys/keys.yml\nidentity: identity.yml\n# password: S3CR3T\n");
    write("identity.yml",
          "# for S3CR3T-globex\nissuers:\n  - {id: i, issuer: 'https://id.example', audience: [o], jwks: "
          "'https://id.example/jwks', "
          "algorithms: [ES256], tenant_claim: t,\n     endpoints: [e], tenants: [S3CR3T-globex, "
          "S3CR3T-acme]}\n");
    write("datasets/d.yml",
          "id: d\nmanifest: data/manifest.json\ntenant_column: t\n"
          "schema:\n  - {name: t, type: VARCHAR}\n  - {name: n, type: BIGINT}\n");
    write("endpoints/e.yml",
          "name: e\nversion: 1\ndataset: d\ntenant: {column: t}\n"
          "query: {select: [{as: n, column: n}]}\ncolumns: [n]\n");
    write("keys/keys.yml", "# for the people of S3CR3T-acme\nkeys:\n  - id: k\n    hash: " + hash_ +
                               "\n    tenant: S3CR3T-acme\n    endpoints: [e]\n    status: active\n");
    write("data/manifest.json", "{\"dataset_id\": \"d\", \"api_key\": \"S3CR3T\"}\n");
    write("data/part-0.csv", "t,n\nS3CR3T,1\n");
    write("other.json", "{\"S3CR3T\": 1}\n");
  }
  ~SupportBundle() override {
    std::error_code error;
    fs::remove_all(root_, error);
  }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] BundleRequest request() const {
    const catalog::LoadedProject project = catalog::load_project(root_);
    EXPECT_NE(project.catalog, nullptr) << catalog::to_text(project.findings);
    BundleRequest out;
    out.version = "1.2.3";
    add_project(out, *project.texts, project.catalog.get(), root_);
    out.artifacts.push_back({"metrics.txt", "up 1\n# known-S3CR3T-value\n", "a server", {}});
    out.secrets = {"known-S3CR3T-value", "up"};
    return out;
  }

  fs::path root_;
  std::string hash_ = std::string(64, 'a');
};

TEST_F(SupportBundle, Make_Project_HoldsConfigurationButNoSecretsOrData) {
  const auto bundle = make_support_bundle(request());
  ASSERT_TRUE(bundle);
  const auto files = unpacked(*bundle);
  std::vector<std::string> names;
  for (const auto& [name, text] : files) {
    names.push_back(name);
    EXPECT_EQ(text.find("S3CR3T"), std::string::npos) << name << "\n" << text;
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"config/data/manifest.json", "config/datasets/d.yml",
                                      "config/endpoints/e.yml", "config/identity.yml", "config/keys/keys.yml",
                                      "config/offloader.yml", "manifest.json", "metrics.txt"}));
  EXPECT_NE(files.at("config/keys/keys.yml").find(hash_), std::string::npos);
  EXPECT_EQ(files.at("config/data/manifest.json"), "{\"dataset_id\": \"d\", \"api_key\": \"<redacted>\"}\n");
  EXPECT_EQ(files.at("metrics.txt"), "up 1\n# <redacted>\n") << "a value that is an ordinary word stays";
}

TEST_F(SupportBundle, Make_Manifest_DescribesEveryArtifact) {
  const auto files = unpacked(*make_support_bundle(request()));
  const auto manifest = nlohmann::json::parse(files.at("manifest.json"));
  EXPECT_EQ(manifest.at("made_by"), "offloader 1.2.3");
  EXPECT_NE(manifest.at("note").get<std::string>().find("best effort"), std::string::npos);
  ASSERT_EQ(manifest.at("artifacts").size(), files.size() - 1);
  for (const auto& artifact : manifest.at("artifacts")) {
    const std::string& text = files.at(artifact.at("path"));
    EXPECT_EQ(artifact.at("bytes"), text.size());
    EXPECT_EQ(artifact.at("sha256"), to_hex(sha256(text)));
    EXPECT_FALSE(artifact.at("source").get<std::string>().empty());
  }
}

TEST_F(SupportBundle, Make_SameContent_GivesTheSameBytes) {
  BundleRequest first = request();
  BundleRequest second = request();
  std::reverse(second.artifacts.begin(), second.artifacts.end());
  EXPECT_EQ(*make_support_bundle(first), *make_support_bundle(second));
}

TEST_F(SupportBundle, AddProject_InvalidProject_IsIncluded) {
  write("endpoints/e.yml", "name: [\ntoken: S3CR3T\n");
  const catalog::LoadedProject project = catalog::load_project(root_);
  ASSERT_EQ(project.catalog, nullptr);
  BundleRequest broken;
  add_project(broken, *project.texts, nullptr, root_);
  const auto files = unpacked(*make_support_bundle(broken));
  EXPECT_EQ(files.at("config/endpoints/e.yml"), "name: [\ntoken: <redacted>\n");
  EXPECT_EQ(files.at("config/keys/keys.yml").find("tenant: S3CR3T"), std::string::npos);
}

TEST_F(SupportBundle, Make_UnsuitableArtifacts_AreListedWithReasons) {
  const fs::path outside = root_.string() + "-outside.json";
  std::ofstream(outside) << "{}";
  // Loading the project rejects such a link, so it is created afterwards.
  const catalog::LoadedProject project = catalog::load_project(root_);
  fs::remove(root_ / "data/manifest.json");
  fs::create_symlink(outside, root_ / "data/manifest.json");
  BundleRequest out;
  add_project(out, *project.texts, project.catalog.get(), root_);
  out.artifacts.push_back({"bin", std::string("a\0b", 3), "somewhere", {}});
  out.artifacts.push_back({"latin1", "\xff", "somewhere", {}});
  out.artifacts.push_back({"../up", "text", "somewhere", {}});
  out.artifacts.push_back({"manifest.json", "text", "somewhere", {}});
  out.artifacts.push_back({"z", std::string((64U << 20) + 1, 'x'), "somewhere", {}});
  const auto files = unpacked(*make_support_bundle(out));
  const auto manifest = nlohmann::json::parse(files.at("manifest.json"));
  std::map<std::string, std::string> reasons;
  for (const auto& item : manifest.at("left_out")) reasons[item.at("path")] = item.at("reason");
  EXPECT_EQ(reasons,
            (std::map<std::string, std::string>{{"../up", "is not a valid path in the bundle"},
                                                {"bin", "is not UTF-8 text"},
                                                {"config/data/manifest.json", "is outside the project"},
                                                {"latin1", "is not UTF-8 text"},
                                                {"manifest.json", "is not a valid path in the bundle"},
                                                {"z", "would make the bundle too large"}}));
  for (const auto& [path, reason] : reasons)
    EXPECT_TRUE(path == "manifest.json" || !files.contains(path)) << path;
  fs::remove(outside);
}

TEST_F(SupportBundle, AddProject_ManifestThatIsNotAJsonObject_IsLeftOut) {
  write("data/manifest.json", "t,n\nS3CR3T,1\n");
  const auto files = unpacked(*make_support_bundle(request()));
  EXPECT_FALSE(files.contains("config/data/manifest.json"));
}

}  // namespace
}  // namespace offloader::admin
