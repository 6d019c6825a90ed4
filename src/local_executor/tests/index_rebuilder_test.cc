#include "index_rebuilder.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "index_repair.h"
#include "local_scene.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using State = executor::IndexStatus::State;
using ::testing::HasSubstr;

// While it exists, the process can open no file.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

class IndexRebuilderTest : public LocalScene {
 protected:
  IndexRebuilderTest() {
    dataset_.schema = {{"n", ColumnType::bigint}, {"text", ColumnType::varchar}};
    auto request = this->request({write("a.csv", "n,text\n1,a\n2,b\n")}, 2);
    request.layout.sort_columns = {0};
    request.layout.indexed_columns = {0, 1};
    const auto built = executor_->materialize(request);
    EXPECT_TRUE(built) << built.error().error.detail;
    OpenSnapshot::Parts parts;
    parts.rows = built->rows;
    parts.fingerprint = built->fingerprint;
    parts.types = {ColumnType::bigint, ColumnType::varchar};
    parts.files = files();
    parts.dataset = std::make_shared<const catalog::Dataset>(dataset_);
    snapshot_ = std::make_shared<const OpenSnapshot>(std::move(parts));
    EXPECT_TRUE(rebuilder_.start({}));
  }
  // Another one after each rebuild.
  [[nodiscard]] ino_t index_file() const {
    struct stat status {};
    EXPECT_EQ(::stat(files().index().c_str(), &status), 0);
    return status.st_ino;
  }

  InstanceLedger ledger_;
  std::shared_ptr<const OpenSnapshot> snapshot_;
  BuildMemory memory_{BuildMemory::kLeast};
  IndexRebuilder rebuilder_{options_, ledger_, memory_, telemetry_.log()};
};

TEST_F(IndexRebuilderTest, Open_NoDescriptorLeft_KeepsTheFileAndOpensItLater) {
  const auto before = index_file();
  {
    const NoDescriptors none;
    rebuilder_.open(*snapshot_);
    EXPECT_EQ(snapshot_->index().reader(), nullptr);
    EXPECT_EQ(snapshot_->index_status().state, State::building);
    EXPECT_THAT(snapshot_->index_status().reason, HasSubstr("Too many open files"));
  }
  await([&] { return snapshot_->index_status().state != State::building; });
  EXPECT_EQ(snapshot_->index_status().state, State::ready);
  EXPECT_NE(snapshot_->index().reader(), nullptr);
  EXPECT_EQ(index_file(), before);
}

TEST_F(IndexRebuilderTest, Open_NoDescriptorLeftAndTheFileIsGoneLater_RebuildsIt) {
  {
    const NoDescriptors none;
    rebuilder_.open(*snapshot_);
    std::filesystem::remove(files().index());
  }
  await([&] { return snapshot_->index_status().state != State::building; });
  EXPECT_EQ(snapshot_->index_status().state, State::ready);
  EXPECT_TRUE(std::filesystem::exists(files().index()));
}

TEST_F(IndexRebuilderTest, Retire_WhileNoDescriptorIsLeft_EndsTheAttempts) {
  const NoDescriptors none;
  rebuilder_.open(*snapshot_);
  snapshot_->retire();
  rebuilder_.stop();
  EXPECT_EQ(snapshot_->index().reader(), nullptr);
}

TEST_F(IndexRebuilderTest, RepairIndex_ABuildHasTheMemory_WaitsForIt) {
  const IndexRepair repair{files(), &dataset_, snapshot_->fingerprint(), {}, {}};
  std::filesystem::remove(files().index());
  const CancelFlag cancel;
  {
    const auto build = memory_.take({}, nullptr);
    ASSERT_TRUE(build);
    const auto repaired = repair_index(options_, repair, ledger_, memory_, cancel);
    ASSERT_FALSE(repaired);
    EXPECT_EQ(repaired.error().code, ErrorCode::busy);
  }
  const auto repaired = repair_index(options_, repair, ledger_, memory_, cancel);
  ASSERT_TRUE(repaired) << repaired.error().detail;
  EXPECT_TRUE(*repaired);
  EXPECT_TRUE(std::filesystem::exists(files().index()));
}

}  // namespace
}  // namespace offloader::local_executor
