// Index files that are damaged, truncated, of another version or missing are rejected and never read out of
// bounds.
#include <sys/resource.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <random>

#include "index_scene.h"
#include "offloader/base/file.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

const std::vector<catalog::Column> kSchema = {
    {"tenant", ColumnType::varchar}, {"day", ColumnType::date}, {"text", ColumnType::varchar},
    {"number", ColumnType::bigint},  {"doc", ColumnType::json}, {"small", ColumnType::integer}};

class IndexDamage : public IndexScene {
 protected:
  void SetUp() override {
    IndexScene::SetUp();
    run("CREATE TABLE t AS SELECT 't' || (i // 900) AS tenant, DATE '2020-01-01' + (i % 30)::INTEGER AS day, "
        "'te\"xt ' || (i % 7) AS text, CASE WHEN i % 11 = 0 THEN NULL ELSE i END AS number, '[' || i || ']' "
        "AS doc, (i % 100)::INTEGER AS small "
        "FROM range(3000) r(i) ORDER BY tenant, day");
    build(kSchema, 1);
    bytes_ = *read_file(index_path(), 1 << 24);
  }
  ErrorCode open_error(const std::string& bytes,
                       index::Reader::Verify verify = index::Reader::Verify::everything) {
    std::ofstream(index_path(), std::ios::binary | std::ios::trunc) << bytes;
    const auto reader = index::Reader::open(index_path(), kSchema, verify);
    return reader ? ErrorCode::not_ready : reader.error().code;
  }
  std::string bytes_;
};

TEST_F(IndexDamage, Open_UnchangedFile_Succeeds) {
  EXPECT_EQ(open_error(bytes_), ErrorCode::not_ready);
}

TEST_F(IndexDamage, Open_TruncatedFile_IsCorrupt) {
  for (std::size_t length = 0; length < bytes_.size(); length += 1 + bytes_.size() / 300) {
    EXPECT_EQ(open_error(bytes_.substr(0, length)), ErrorCode::corrupt) << length;
  }
  EXPECT_EQ(open_error(bytes_ + "x"), ErrorCode::corrupt);
}

TEST_F(IndexDamage, Open_FlippedBit_IsCorrupt) {
  std::mt19937 random(5);
  const auto reader = index::Reader::open(index_path(), kSchema);
  ASSERT_TRUE(reader);
  for (const index::SectionEntry& section : (*reader)->sections()) {
    if (section.bytes == 0) continue;
    for (int i = 0; i < 5; ++i) {
      std::string damaged = bytes_;
      char& byte = damaged[section.offset + random() % section.bytes];
      byte = static_cast<char>(byte ^ (1 << (random() % 8)));
      EXPECT_EQ(open_error(damaged), ErrorCode::corrupt) << "section " << section.kind;
    }
  }
  for (std::size_t at = 0; at < sizeof(index::Header); ++at) {
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_EQ(open_error(damaged), ErrorCode::corrupt) << "header byte " << at;
  }
}

// Reading past the end of a truncated mapping would raise SIGBUS. The reader maps zeros instead, and reports
// that it is broken.
TEST_F(IndexDamage, Read_FileTruncatedMeanwhile_GivesZerosAndReportsIt) {
  const auto reader = index::Reader::open(index_path(), kSchema);
  ASSERT_TRUE(reader);
  EXPECT_FALSE((*reader)->broken());
  std::filesystem::resize_file(index_path(), 0);
  unsigned sum = 0;
  for (const index::Column& column : (*reader)->columns()) {
    if (column.values != nullptr) sum += static_cast<unsigned>(column.values[0]);
  }
  EXPECT_EQ(sum, 0U);
  EXPECT_TRUE((*reader)->broken());
  // A reader of an intact file is not affected.
  std::ofstream(index_path(), std::ios::binary | std::ios::trunc) << bytes_;
  const auto other = index::Reader::open(index_path(), kSchema);
  ASSERT_TRUE(other);
  EXPECT_FALSE((*other)->broken());
}

TEST_F(IndexDamage, Open_OtherVersion_IsCorrupt) {
  for (const std::uint32_t version : {0U, index::kVersion - 1, index::kVersion + 1}) {
    std::string other = bytes_;
    index::Header header{};
    std::memcpy(&header, other.data(), sizeof header);
    header.version = version;
    header.header_hash = index::hash_of(&header, offsetof(index::Header, header_hash));
    std::memcpy(other.data(), &header, sizeof header);
    EXPECT_EQ(open_error(other), ErrorCode::corrupt) << version;
  }
}

TEST_F(IndexDamage, Open_MissingFile_IsNotFound) {
  std::filesystem::remove(index_path());
  EXPECT_EQ(index::Reader::open(index_path(), kSchema).error().code, ErrorCode::not_found);
  EXPECT_EQ(index::Reader::open(folder_, kSchema).error().code, ErrorCode::corrupt);
}

// Sets the soft limit of a resource to 0 while it exists.
class NothingLeft {
 public:
  explicit NothingLeft(decltype(RLIMIT_AS) resource) : resource_(resource) {
    ::getrlimit(resource_, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(resource_, &none);
  }
  NothingLeft(const NothingLeft&) = delete;
  NothingLeft& operator=(const NothingLeft&) = delete;
  ~NothingLeft() { ::setrlimit(resource_, &before_); }

 private:
  const decltype(RLIMIT_AS) resource_;
  rlimit before_{};
};

TEST_F(IndexDamage, Open_NoDescriptorOrMemoryLeft_IsBusyAndNotCorrupt) {
  const auto open = [this](std::optional<decltype(RLIMIT_AS)> limited) {
    std::optional<NothingLeft> nothing;
    if (limited) nothing.emplace(*limited);
    return index::Reader::open(index_path(), kSchema);
  };
  EXPECT_TRUE(open({}));
  const auto no_descriptor = open(RLIMIT_NOFILE);
  ASSERT_FALSE(no_descriptor);
  EXPECT_EQ(no_descriptor.error().code, ErrorCode::busy);
  EXPECT_EQ(no_descriptor.error().detail, index_path().string() + ": Too many open files");
  const auto no_memory = open(RLIMIT_AS);
  ASSERT_FALSE(no_memory);
  EXPECT_EQ(no_memory.error().code, ErrorCode::busy);
  EXPECT_EQ(no_memory.error().detail, index_path().string() + ": Cannot allocate memory");
  EXPECT_TRUE(open({}));
}

// Hashes are not verified here, and the contents are damaged. Answers may be wrong, but no read leaves the
// file.
TEST_F(IndexDamage, Execute_DamagedContentsUnverified_StaysInBounds) {
  std::mt19937 random(11);
  const auto sound = index::Reader::open(index_path(), kSchema);
  ASSERT_TRUE(sound);
  const std::vector<index::SectionEntry> sections((*sound)->sections().begin(), (*sound)->sections().end());
  int opened = 0;
  for (int i = 0; i < 400; ++i) {
    std::string damaged = bytes_;
    for (int n = 0; n < 20; ++n) {
      const index::SectionEntry& section = sections[random() % sections.size()];
      if (section.bytes != 0)
        damaged[section.offset + random() % section.bytes] = static_cast<char>(random());
    }
    std::ofstream(index_path(), std::ios::binary | std::ios::trunc) << damaged;
    const auto reader = index::Reader::open(index_path(), kSchema, index::Reader::Verify::structure);
    if (!reader) continue;  // the offset that says how many bytes there are was among the damaged ones
    ++opened;
    for (const bool grouped : {false, true}) {
      auto shape = std::make_shared<query::PlanShape>();
      shape->schema = kSchema;
      for (std::size_t c = 0; c < kSchema.size(); ++c) {
        if (grouped && kSchema[c].type == ColumnType::json) continue;
        query::Projection projection{"c", c, kSchema[c].type, std::nullopt};
        if (grouped && c > 1)
          projection.aggregate = c == 2 ? catalog::Aggregate::max : catalog::Aggregate::sum;
        if (grouped && c <= 1) shape->group_by.push_back(shape->projections.size());
        shape->order.push_back({shape->projections.size(), random() % 2 == 0});
        shape->projections.push_back(projection);
      }
      shape->aggregated = grouped;
      shape->conditions.push_back({0, ColumnType::varchar, query::Comparison::eq});
      shape->tenant_scoped = true;
      query::Plan plan;
      plan.values = {std::string("t1")};
      // With a condition on the day, groups are whole runs and use the sums stored in the file.
      if (i % 2 == 0) {
        shape->conditions.push_back({2, ColumnType::varchar, query::Comparison::ge});
        plan.values.emplace_back(std::string("te\"xt 3"));
      } else {
        shape->conditions.push_back({1, ColumnType::date, query::Comparison::ge});
        plan.values.emplace_back(query::Date{18266});
      }
      plan.limit = 50;
      for (std::size_t c = 0; c < shape->projections.size(); ++c) plan.columns.push_back(c);
      plan.shape = shape;
      EXPECT_TRUE(execute_as_json(plan, **reader));
    }
  }
  EXPECT_GT(opened, 200);
}

// The fuzzer starts from these files. It would stop at the header of a file of another version.
// OFFLOADER_UPDATE_GOLDEN=1 rewrites them.
TEST_F(IndexDamage, Open_FuzzerSeeds_AreValidFilesOfThisVersion) {
  const auto folder = std::filesystem::path(OFFLOADER_SOURCE_DIR) / "src/index/fuzz/seeds/index_reader";
  const std::vector<catalog::Column> schema = {
      {"tenant", ColumnType::varchar}, {"day", ColumnType::date},
      {"text", ColumnType::varchar},   {"small", ColumnType::integer},
      {"big", ColumnType::bigint},     {"amount", ColumnType::float64},
      {"seen", ColumnType::timestamp}, {"flag", ColumnType::boolean},
      {"doc", ColumnType::json},       {"price", catalog::decimal_type(12, 2)},
      {"at", ColumnType::timestamptz}, {"id", ColumnType::uuid}};
  if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(folder);
    for (const auto& [name, rows] :
         {std::pair{"empty", 0}, std::pair{"rows", 40}, std::pair{"blocks", 1100}}) {
      run("CREATE OR REPLACE TABLE t AS SELECT 't' || (i % 3) AS tenant, DATE '1969-12-30' + (i % "
          "5)::INTEGER AS day, "
          "CASE WHEN i % 4 = 0 THEN NULL ELSE ['a', '\"', 'ü'][1 + i % 3] END AS text, (i - 7)::INTEGER AS "
          "small, "
          "i * 99999999999 AS big, CASE WHEN i % 5 = 0 THEN NULL ELSE i / 8.0 - 1 END AS amount, "
          "TIMESTAMP '1969-12-31 23:59:58' + to_seconds(i % 4) AS seen, CASE WHEN i % 3 = 0 THEN NULL ELSE i "
          "% 2 = 0 END "
          "AS flag, CASE WHEN i % 6 = 0 THEN NULL ELSE '[' || i || ']' END AS doc, (i / 4.0 - "
          "2)::DECIMAL(12,2) AS "
          "price, TIMESTAMPTZ '1969-12-31 23:59:58+00' + to_seconds(i % 4) AS at, CASE WHEN i % 7 > 0 THEN "
          "('123e4567-e89b-12d3-a456-42661417400' || i % 7)::UUID END AS id FROM range(" +
          std::to_string(rows) + ") r(i) ORDER BY tenant, day");
      build(schema, 1);
      std::filesystem::copy_file(index_path(), folder / name,
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }
  int seeds = 0;
  for (const auto& seed : std::filesystem::directory_iterator(folder)) {
    const auto reader = index::Reader::open(seed.path(), schema);
    ASSERT_TRUE(reader) << seed.path() << reader.error().detail;
    for (std::size_t i = 0; i < schema.size(); ++i)
      EXPECT_NE((*reader)->column(i), nullptr) << seed.path() << i;
    ++seeds;
  }
  EXPECT_EQ(seeds, 3);
}

}  // namespace
}  // namespace offloader::local_executor
