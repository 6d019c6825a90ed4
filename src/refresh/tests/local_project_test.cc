#include <fcntl.h>
#include <sys/stat.h>

#include "world.h"

// Which changes of a project on disk are detected (snapshots.md, "Config reload").
namespace offloader::refresh {
namespace {

class LocalProject : public testing::TestWithParam<const char*> {
 protected:
  LocalProject() {
    fs::create_directories(root() / "datasets");
    fs::create_directories(root() / "endpoints");
    write("offloader.yml", std::string("version: 1\nauth: required\nkeys: ") + GetParam() + "\n");
    write("datasets/orders.yml", "id: orders\nmanifest: orders.json\nschema: [{name: id, type: BIGINT}]\n");
    write("endpoints/orders.yml",
          "name: orders\nversion: 1\ndataset: orders\nquery: {select: [{as: id, column: id}]}\ncolumns: "
          "[id]\n");
    write(GetParam(), keys("active "));
    source_ = make_local_project(root());
    loaded_ = source_->load().value();
  }
  fs::path root() const { return folder_.path(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root() / name, std::ios::trunc) << text;
  }
  static std::string keys(const std::string& status) {
    return "keys:\n  - {id: k, hash: \"" + std::string(64, 'a') +
           "\", tenant: null, endpoints: [orders], status: " + status + "}\n";
  }
  TemporaryFolder folder_;
  std::unique_ptr<ProjectSource> source_;
  catalog::LoadedProject loaded_;
};

TEST_P(LocalProject, Stamp_KeyRevokedWithSameSizeAndTime_Changes) {
  ASSERT_TRUE(loaded_.catalog) << catalog::to_text(loaded_.findings);
  EXPECT_TRUE(loaded_.catalog->keys.view(0).active);
  EXPECT_EQ(source_->stamp().value(), source_->loaded_stamp());
  const fs::path file = root() / GetParam();
  struct stat before {};
  ASSERT_EQ(::stat(file.c_str(), &before), 0);
  write(GetParam(), keys("revoked"));
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  struct stat after {};
  ASSERT_EQ(::stat(file.c_str(), &after), 0);
  ASSERT_EQ(after.st_size, before.st_size);
  ASSERT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_NE(source_->stamp().value(), source_->loaded_stamp());
  const auto reloaded = source_->load().value();
  ASSERT_TRUE(reloaded.catalog);
  EXPECT_FALSE(reloaded.catalog->keys.view(0).active);
  EXPECT_NE(reloaded.catalog->config_version, loaded_.catalog->config_version);
  EXPECT_EQ(source_->stamp().value(), source_->loaded_stamp());
}

TEST_P(LocalProject, Stamp_KeysFileRemoved_Changes) {
  fs::remove(root() / GetParam());
  EXPECT_NE(source_->stamp().value(), source_->loaded_stamp());
}

TEST_P(LocalProject, Stamp_KeysFileLinkReplaced_Changes) {
  fs::rename(root() / GetParam(), root() / "v1");
  fs::create_symlink("v1", root() / GetParam());
  ASSERT_TRUE(source_->load().value().catalog);
  write("v2", keys("revoked"));
  fs::remove(root() / GetParam());
  fs::create_symlink("v2", root() / GetParam());
  EXPECT_NE(source_->stamp().value(), source_->loaded_stamp());
}

INSTANTIATE_TEST_SUITE_P(Names, LocalProject, testing::Values("keys.yml", "keys.conf"),
                         [](const auto& one) { return one.index == 0 ? "Yaml" : "AnyName"; });

// A source whose stamp never changes.
class BlindProject final : public ProjectSource {
 public:
  explicit BlindProject(catalog::LoadedProject project) : project_(std::move(project)) {}
  Result<std::string> stamp() override { return std::string("the same"); }
  Result<catalog::LoadedProject> load() override {
    ++loads;
    return project_;
  }
  std::string loaded_stamp() const override { return "the same"; }
  std::string base() const override { return "/nowhere"; }
  bool remote() const override { return false; }
  std::atomic<int> loads{0};

 private:
  catalog::LoadedProject project_;
};

TEST(Reload, Reload_StampUnchanged_ReadsTheProject) {
  TemporaryFolder folder;
  FakeExecutor executor{folder.path() / "datasets"};
  FakeStore store;
  TestClock clock;
  auto& log = *new KeepingLog;
  telemetry::Telemetry telemetry{std::make_unique<SilentMetrics>(), std::unique_ptr<telemetry::Log>(&log)};
  const catalog::LoadedProject project{.catalog = std::make_shared<catalog::Catalog>(project_of({})),
                                       .findings = {},
                                       .root = {},
                                       .datasets = {},
                                       .allowed_origins = {}};
  serving::Publication publication(0, serving::make_generation(project.catalog, {}, nullptr));
  auto source = std::make_unique<BlindProject>(project);
  BlindProject& blind = *source;
  Refresher refresher(executor, store, publication, telemetry, clock,
                      std::move(*CacheFolder::open(folder.path())), std::move(source), project, {});
  ASSERT_TRUE(refresher.start());
  std::atomic<bool> done{false};
  refresher.reload([&](const ReloadReport&) { done = true; }, "req-3");
  while (!done) std::this_thread::yield();
  EXPECT_EQ(blind.loads.load(), 1);
  EXPECT_EQ(log.all_with("request_id=req-3").size(), 1U);
}

}  // namespace
}  // namespace offloader::refresh
