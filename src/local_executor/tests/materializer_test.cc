#include "materializer.h"

#include <stdexcept>

#include "local_scene.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

class MaterializerTest : public LocalScene {
 protected:
  MaterializerTest() { dataset_.schema = {{"n", ColumnType::bigint}, {"text", ColumnType::varchar}}; }

  tl::expected<Built, executor::Refused> materialize(const executor::Materialization& request) {
    return local_executor::materialize(options_, request, files(), ledger_, memory_);
  }
  manifest::ResolvedFile data() { return write("a.csv", "n,text\n1,a\n"); }

  InstanceLedger ledger_;
  BuildMemory memory_{256ULL << 20};
};

TEST_F(MaterializerTest, Layout_NamesTheOrderOfTheRows) {
  auto request = this->request({data()}, 1);
  EXPECT_EQ(materialize(request)->snapshot.layout, "unsorted");
  request.layout.sort_columns = {1, 0};
  EXPECT_EQ(materialize(request)->snapshot.layout, "sorted by text, n");
}

TEST_F(MaterializerTest, Materialize_ThrowsAfterTheFilesAreInPlace_LeavesNoFile) {
  auto request = this->request({data()}, 1);
  request.layout.indexed_columns = {0, 1};
  bool in_place = false;
  request.progress = [&](double done) {
    if (done < 1) return;
    in_place = std::filesystem::exists(files().database()) && std::filesystem::exists(files().index());
    throw std::runtime_error("of the caller");
  };
  EXPECT_FALSE(materialize(request));
  EXPECT_TRUE(in_place);
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
}

}  // namespace
}  // namespace offloader::local_executor
