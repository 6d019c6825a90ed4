#include "offloader/index/writer.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string_view>

#include "offloader/base/file.h"
#include "offloader/base/testing/descriptor_limit.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/index/reader.h"

namespace offloader::index {
namespace {

const std::vector<catalog::Column> kSchema{{.name = "doc", .type = catalog::ColumnType::json}};
constexpr std::array<std::string_view, 2> kDocuments{R"({"a":1})", R"([2,3])"};

Result<void> append_documents(Writer& writer) {
  const rows::Column column{.kind = rows::Kind::json, .values = kDocuments.data()};
  return writer.append({.columns = {&column, 1}, .rows = kDocuments.size()});
}

TEST(IndexWriter, Append_DocumentsHaveNoTemporaryFile_Fails) {
  const TemporaryFolder folder;
  const DescriptorLimit limit(1);  // enough for the offsets of the column
  Writer writer(folder.path() / "t.index", {.columns = kSchema, .tenant_column = {}, .sort_columns = {}});
  EXPECT_FALSE(append_documents(writer));
}

TEST(IndexReader, Open_OffsetsBeyondTheDocuments_IsCorrupt) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "t.index";
  Writer writer(path, {.columns = kSchema, .tenant_column = {}, .sort_columns = {}});
  ASSERT_TRUE(append_documents(writer));
  ASSERT_TRUE(writer.finish());
  ASSERT_TRUE(Reader::open(path, kSchema, Reader::Verify::structure));
  std::string bytes = read_file(path, 1 << 20).value();
  const std::string offsets("\0\0\0\0\7\0\0\0\14\0\0\0", 12);
  const std::size_t at = bytes.find(offsets);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 8] = '\15';
  std::ofstream(path, std::ios::binary) << bytes;
  const auto opened = Reader::open(path, kSchema, Reader::Verify::structure);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace offloader::index
