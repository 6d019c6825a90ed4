#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <vector>

#include "data_folder.h"
#include "offloader/base/decimal.h"
#include "offloader/duckdb/answer_writers.h"
#include "parquet_instance.h"

namespace offloader::duckdb {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using catalog::decimal_type;
using rows::Batch;
using rows::Column;
using rows::Kind;
using rows::Wide;
using Table = std::vector<std::vector<std::string>>;

query::Projection column(std::string name, catalog::SizedType type) {
  return {std::move(name), 0, type, std::nullopt};
}

query::Plan plan_of(std::vector<query::Projection> projections) {
  auto shape = std::make_shared<query::PlanShape>();
  query::Plan plan;
  for (std::size_t i = 0; i < projections.size(); ++i) plan.columns.push_back(i);
  shape->projections = std::move(projections);
  plan.shape = std::move(shape);
  plan.limit = 1'000'000;
  return plan;
}

// Batches of a BIGINT column that counts from 0.
class Counting {
 public:
  explicit Counting(std::size_t rows) : numbers_(rows) { std::iota(numbers_.begin(), numbers_.end(), 0); }

  // Replaces the numbers by others, which cannot be compressed.
  Counting& scatter() {
    std::mt19937_64 random(1);
    for (auto& number : numbers_) number = static_cast<std::int64_t>(random());
    return *this;
  }

  Result<void> write_to(rows::Writer& writer) const {
    for (std::size_t at = 0; at < numbers_.size(); at += rows::kBatchRows) {
      const Column view{.kind = Kind::int64, .values = numbers_.data() + at};
      auto written =
          writer.write({.columns = {&view, 1}, .rows = std::min(rows::kBatchRows, numbers_.size() - at)});
      if (!written) return written;
    }
    return {};
  }
  static query::Plan plan() { return plan_of({column("n", ColumnType::bigint)}); }

 private:
  std::vector<std::int64_t> numbers_;
};

std::size_t threads_named_parquet() {
  std::size_t count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream in(task.path() / "comm");
    std::string name;
    count += std::getline(in, name) && name == "parquet" ? 1 : 0;
  }
  return count;
}

class ParquetWriterTest : public DataFolder {
 protected:
  ParquetOptions options() const { return {.folder = root_ / "exports", .memory_limit = 128U << 20}; }
  static std::unique_ptr<rows::Writer> writer_of(const ParquetOptions& options,
                                                 rows::WriterOptions more = {}) {
    auto made = AnswerWriters(options).make(rows::Format::parquet, std::move(more));
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  std::unique_ptr<rows::Writer> writer(rows::WriterOptions more = {}) const {
    return writer_of(options(), std::move(more));
  }

  // Writes the batches and saves the file for read().
  void write(const query::Plan& plan, const std::vector<Batch>& batches) {
    const auto out = writer();
    ASSERT_TRUE(out->begin(rows::Columns(plan)));
    for (const Batch& batch : batches) ASSERT_TRUE(out->write(batch));
    const auto finished = out->finish();
    ASSERT_TRUE(finished) << finished.error().detail;
    save(out->take().text);
  }
  void save(const std::string& text) {
    std::ofstream(root_ / "answer.parquet", std::ios::binary) << text;
    EXPECT_TRUE(files().empty());
  }
  // Returns the rows of SQL in which `%` is the file.
  Table read(std::string sql) {
    sql.replace(sql.find('%'), 1, "read_parquet('" + (root_ / "answer.parquet").string() + "')");
    auto rows = duckdb::testing::unlocked_connection().rows(sql);
    EXPECT_TRUE(rows) << rows.error().detail;
    return rows ? *rows : Table();
  }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(root_ / "exports"))
      out.push_back(entry.path());
    return out;
  }
};

TEST_F(ParquetWriterTest, Finish_EveryType_ReadsBackWithItsNulls) {
  constexpr std::uint64_t kSecondIsNull = 0b101;
  const std::array<bool, 3> flags{true, true, false};
  const std::array<std::int32_t, 3> integers{INT32_MIN, 1, INT32_MAX};
  const std::array<std::int64_t, 3> bigints{INT64_MIN, 1, INT64_MAX};
  const std::array<double, 3> doubles{-1.5, 1, 1e300};
  const std::array<Wide, 3> decimals{Wide::of(-1250), Wide::of(1), Wide::of(9999)};
  const std::array<Wide, 3> wide{Wide::of(1 - power_of_ten(38)), Wide::of(1), Wide::of(power_of_ten(38) - 1)};
  const std::array<std::int32_t, 3> days{-1, 1, 20'484};
  const std::array<std::int64_t, 3> instants{-1, 1, 1'769'860'799'500'001};
  const std::array<std::string_view, 3> texts{"", "x", "eine längere Zeile, mit \"Zeichen\"\n"};
  const std::array<Wide, 3> uuids{Wide{0x1122334455667788, 0x99aabbccddeeff00}, Wide{}, Wide{1, 0}};
  const std::array<std::string_view, 3> documents{R"({"a":[1,"x"]})", "1", "null"};
  const auto view = [&](Kind kind, const void* values, std::uint8_t scale = 0) {
    return Column{.kind = kind, .values = values, .validity = &kSecondIsNull, .scale = scale};
  };
  const std::array columns{view(Kind::boolean, flags.data()),
                           view(Kind::int32, integers.data()),
                           view(Kind::int64, bigints.data()),
                           view(Kind::float64, doubles.data()),
                           view(Kind::decimal, decimals.data(), 2),
                           view(Kind::decimal, decimals.data(), 2),
                           view(Kind::decimal, decimals.data(), 2),
                           view(Kind::decimal, wide.data()),
                           view(Kind::date, days.data()),
                           view(Kind::timestamp, instants.data()),
                           view(Kind::timestamptz, instants.data()),
                           view(Kind::text, texts.data()),
                           view(Kind::uuid, uuids.data()),
                           view(Kind::json, documents.data())};
  const query::Plan plan =
      plan_of({column("boolean", ColumnType::boolean), column("integer", ColumnType::integer),
               column("bigint", ColumnType::bigint), column("double", ColumnType::float64),
               column("decimal4", decimal_type(4, 2)), column("decimal9", decimal_type(9, 2)),
               column("decimal18", decimal_type(18, 2)), column("decimal38", decimal_type(38, 0)),
               column("date", ColumnType::date), column("timestamp", ColumnType::timestamp),
               column("timestamptz", ColumnType::timestamptz), column("varchar", ColumnType::varchar),
               column("uuid", ColumnType::uuid), column("json", ColumnType::json)});
  write(plan, {{.columns = columns, .rows = 3}});
  EXPECT_EQ(read("SELECT column_name, column_type FROM (DESCRIBE FROM %)"),
            (Table{{"boolean", "BOOLEAN"},
                   {"integer", "INTEGER"},
                   {"bigint", "BIGINT"},
                   {"double", "DOUBLE"},
                   {"decimal4", "DECIMAL(4,2)"},
                   {"decimal9", "DECIMAL(9,2)"},
                   {"decimal18", "DECIMAL(18,2)"},
                   {"decimal38", "DECIMAL(38,0)"},
                   {"date", "DATE"},
                   {"timestamp", "TIMESTAMP"},
                   {"timestamptz", "TIMESTAMP WITH TIME ZONE"},
                   {"varchar", "VARCHAR"},
                   {"uuid", "VARCHAR"},
                   {"json", "VARCHAR"}}));
  const Table rows = read("SELECT * REPLACE (epoch_us(timestamptz) AS timestamptz) FROM %");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"true", "-2147483648", "-9223372036854775808", "-1.5",
                                               "-12.50", "-12.50", "-12.50", "-" + std::string(38, '9'),
                                               "1969-12-31", "1969-12-31 23:59:59.999999", "-1", "",
                                               "99aabbcc-ddee-ff00-1122-334455667788", R"({"a":[1,"x"]})"}));
  EXPECT_EQ(rows[2], (std::vector<std::string>{
                         "false", "2147483647", "9223372036854775807", "1e+300", "99.99", "99.99", "99.99",
                         std::string(38, '9'), "2026-01-31", "2026-01-31 11:59:59.500001", "1769860799500001",
                         std::string(texts[2]), "00000000-0000-0000-0000-000000000001", "null"}));
  EXPECT_EQ(read("SELECT count(COLUMNS(*)) FROM %"), (Table{std::vector<std::string>(14, "2")}));
}

TEST_F(ParquetWriterTest, Finish_NoRows_WritesTheSchema) {
  write(plan_of({column("a", ColumnType::bigint), column("b", ColumnType::varchar)}), {});
  EXPECT_EQ(read("SELECT column_name, column_type FROM (DESCRIBE FROM %)"),
            (Table{{"a", "BIGINT"}, {"b", "VARCHAR"}}));
  EXPECT_EQ(read("SELECT count(*) FROM %"), (Table{{"0"}}));
}

TEST_F(ParquetWriterTest, Write_BatchWithoutRows_DoesNotEndTheFile) {
  const std::array<std::int64_t, 1> number{7};
  const Column view{.kind = Kind::int64, .values = number.data()};
  write(Counting::plan(), {{.columns = {&view, 1}, .rows = 0}, {.columns = {&view, 1}, .rows = 1}});
  EXPECT_EQ(read("FROM %"), (Table{{"7"}}));
}

TEST_F(ParquetWriterTest, Finish_ManyRows_KeepsThemInOrderInSeveralRowGroups) {
  ParquetOptions small = options();
  small.group_rows = 20'000;
  const auto out = writer_of(small);
  const query::Plan plan = Counting::plan();
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  ASSERT_TRUE(Counting(100'000).write_to(*out));
  ASSERT_TRUE(out->finish());
  save(out->take().text);
  EXPECT_EQ(
      read("SELECT count(*), count(*) FILTER (n = file_row_number) FROM (SELECT n, file_row_number FROM %)"),
      (Table{{"100000", "100000"}}));
  const auto groups = duckdb::testing::unlocked_connection().rows(
      "SELECT num_row_groups > 3 FROM parquet_file_metadata('" + (root_ / "answer.parquet").string() + "')");
  EXPECT_EQ(*groups, (Table{{"true"}}));
}

TEST_F(ParquetWriterTest, Write_LongTexts_EndARowGroupByItsBytes) {
  ParquetOptions small = options();
  small.group_bytes = 1 << 20;
  const auto out = writer_of(small);
  const query::Plan plan = plan_of({column("t", ColumnType::varchar)});
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  const std::string text(1000, 'x');
  const std::vector<std::string_view> texts(rows::kBatchRows, text);
  const Column view{.kind = Kind::text, .values = texts.data()};
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(out->write({.columns = {&view, 1}, .rows = texts.size()}));
  ASSERT_TRUE(out->finish());
  save(out->take().text);
  const auto groups = duckdb::testing::unlocked_connection().rows(
      "SELECT num_row_groups FROM parquet_file_metadata('" + (root_ / "answer.parquet").string() + "')");
  EXPECT_EQ(*groups, (Table{{"4"}}));
}

TEST_F(ParquetWriterTest, Write_Dictionary_WritesItsTexts) {
  const std::string bytes = "abcdefghijklmnopqrstuvwxyz";
  const std::array<std::uint32_t, 4> offsets{0, 1, 1, 26};
  rows::Dictionary dictionary;
  dictionary.texts = {.offsets = reinterpret_cast<const std::byte*>(offsets.data()),
                      .bytes = bytes.data(),
                      .byte_count = bytes.size(),
                      .count = 3};
  const std::array<std::uint32_t, 4> codes{2, 0, 1, 0};
  constexpr std::uint64_t kLastIsNull = 0b0111;
  const Column view{
      .kind = Kind::text, .values = codes.data(), .validity = &kLastIsNull, .dictionary = &dictionary};
  write(plan_of({column("t", ColumnType::varchar)}), {{.columns = {&view, 1}, .rows = 4}});
  EXPECT_EQ(read("SELECT coalesce(t, 'null') FROM %"),
            (Table{{"bcdefghijklmnopqrstuvwxyz"}, {"a"}, {""}, {"null"}}));
}

TEST_F(ParquetWriterTest, Finish_NamesOfAnyText_AreKept) {
  write(plan_of(
            {column("say \"hi\", it's; 100 % -- x", ColumnType::bigint), column("select", ColumnType::date)}),
        {});
  EXPECT_EQ(read("SELECT column_name FROM (DESCRIBE FROM %)"),
            (Table{{"say \"hi\", it's; 100 % -- x"}, {"select"}}));
}

TEST_F(ParquetWriterTest, Write_SumsOfIntegers_AreDecimals) {
  const std::array<Wide, 2> sums{Wide::of(power_of_ten(37)), Wide::of(-power_of_ten(37))};
  const Column view{.kind = Kind::int128, .values = sums.data()};
  query::Projection sum = column("total", ColumnType::bigint);
  sum.aggregate = Aggregate::sum;
  write(plan_of({sum}), {{.columns = {&view, 1}, .rows = 2}});
  EXPECT_EQ(
      read("SELECT typeof(total), total FROM %"),
      (Table{{"DECIMAL(38,0)", "1" + std::string(37, '0')}, {"DECIMAL(38,0)", "-1" + std::string(37, '0')}}));
}

TEST_F(ParquetWriterTest, Write_WiderStoredTypes_AreConverted) {
  constexpr std::uint64_t kFirstIsValid = 0b01;
  const std::array<std::int64_t, 2> bigints{-5, INT64_MAX};
  const std::array<double, 2> doubles{12, 0.5};
  const std::array<Wide, 2> decimals{Wide::of(12'500), Wide::of(1)};
  const std::array columns{
      Column{.kind = Kind::int64, .values = bigints.data(), .validity = &kFirstIsValid},
      Column{.kind = Kind::float64, .values = doubles.data(), .validity = &kFirstIsValid},
      Column{.kind = Kind::decimal, .values = decimals.data(), .validity = &kFirstIsValid, .scale = 4},
      Column{.kind = Kind::decimal, .values = decimals.data(), .validity = &kFirstIsValid, .scale = 4},
      Column{.kind = Kind::int64, .values = bigints.data(), .validity = &kFirstIsValid}};
  write(plan_of({column("a", ColumnType::integer), column("b", ColumnType::bigint),
                 column("c", decimal_type(10, 2)), column("d", decimal_type(30, 3)),
                 column("e", ColumnType::float64)}),
        {{.columns = columns, .rows = 2}});
  EXPECT_EQ(read("FROM %"), (Table{{"-5", "12", "1.25", "1.250", "-5.0"}, {"", "", "", "", ""}}));
}

TEST_F(ParquetWriterTest, Write_ValueBeyondItsType_Fails) {
  const std::array<std::int64_t, 1> number{std::int64_t{INT32_MAX} + 1};
  const Column view{.kind = Kind::int64, .values = number.data()};
  const query::Plan plan = plan_of({column("a", ColumnType::integer)});
  const auto out = writer();
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  const auto written = out->write({.columns = {&view, 1}, .rows = 1});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::internal);
}

TEST_F(ParquetWriterTest, Begin_Again_DiscardsWhatWasWritten) {
  const auto out = writer();
  const query::Plan plan = Counting::plan();
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  ASSERT_TRUE(Counting(5000).write_to(*out));
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  ASSERT_TRUE(Counting(3).write_to(*out));
  ASSERT_TRUE(out->finish());
  save(out->take().text);
  EXPECT_EQ(read("FROM %"), (Table{{"0"}, {"1"}, {"2"}}));
  EXPECT_EQ(threads_named_parquet(), 0U);
}

TEST_F(ParquetWriterTest, Destroyed_HalfWay_LeavesNoFileAndNoThread) {
  auto out = writer();
  const query::Plan plan = Counting::plan();
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  ASSERT_TRUE(Counting(300'000).write_to(*out));  // more than a row group
  EXPECT_EQ(threads_named_parquet(), 1U);
  EXPECT_EQ(files().size(), 1U);
  out.reset();
  EXPECT_EQ(threads_named_parquet(), 0U);
  EXPECT_TRUE(files().empty());
}

TEST_F(ParquetWriterTest, Begin_FolderThatCannotBeMade_Fails) {
  DataFolder::write("file", "");
  ParquetOptions below_file = options();
  below_file.folder = root_ / "file" / "exports";
  const query::Plan plan = Counting::plan();
  const auto begun = writer_of(below_file)->begin(rows::Columns(plan));
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, ErrorCode::unavailable);
}

TEST_F(ParquetWriterTest, Write_FolderThatIsGone_FailsWithTheStatement) {
  const AnswerWriters writers(options());
  const query::Plan plan = Counting::plan();
  const auto first = *writers.make(rows::Format::parquet, {});
  ASSERT_TRUE(first->begin(rows::Columns(plan)));
  ASSERT_TRUE(first->finish());
  std::filesystem::remove_all(root_ / "exports");
  const auto second = *writers.make(rows::Format::parquet, {});
  ASSERT_TRUE(second->begin(rows::Columns(plan)));
  const auto written = Counting(10'000).write_to(*second);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::unavailable) << written.error().detail;
  const auto finished = second->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().detail, written.error().detail);
}

TEST_F(ParquetWriterTest, Write_DiskFull_FailsWithNoSpaceAndLeavesNoFile) {
  std::filesystem::create_directories(root_ / "exports");
  if (::mount("tmpfs", (root_ / "exports").c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "needs the right to mount";
  const auto out = writer();
  const query::Plan plan = Counting::plan();
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  auto written = Counting(500'000).write_to(*out);
  if (written) written = out->finish();
  EXPECT_FALSE(written);
  EXPECT_EQ(written ? ErrorCode::internal : written.error().code, ErrorCode::no_space);
  EXPECT_TRUE(out->begin(rows::Columns(plan)));  // gives up the first file, which makes room
  EXPECT_TRUE(out->finish());
  EXPECT_TRUE(files().empty());
  ::umount2((root_ / "exports").c_str(), MNT_DETACH);
}

TEST_F(ParquetWriterTest, Write_MoreThanTheMemory_FailsWithNoMemory) {
  ParquetOptions small = options();
  small.memory_limit = 2 << 20;
  const auto out = writer_of(small);
  const query::Plan plan = plan_of({column("t", ColumnType::varchar)});
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  const std::string text(8U << 20, 'x');
  const std::array<std::string_view, 1> texts{text};
  const Column view{.kind = Kind::text, .values = texts.data()};
  auto written = out->write({.columns = {&view, 1}, .rows = 1});
  if (written) written = out->finish();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::no_memory) << written.error().detail;
}

TEST_F(ParquetWriterTest, Drain_Streamed_GivesTheFileInPieces) {
  const auto out = writer({.streamed = true});
  const query::Plan plan = Counting::plan();
  ASSERT_TRUE(out->begin(rows::Columns(plan)));
  ASSERT_TRUE(Counting(500'000).write_to(*out));
  EXPECT_EQ(*out->drain(), "") << "a reader begins at the end";
  ASSERT_TRUE(out->finish());
  std::string file;
  std::size_t pieces = 0;
  for (std::string piece = *out->drain(); !piece.empty(); piece = *out->drain()) {
    EXPECT_LE(piece.size(), rows::Writer::kDrainBytes);
    file += piece;
    ++pieces;
  }
  EXPECT_GT(pieces, 1U);
  EXPECT_EQ(*out->drain(), "");
  save(file);
  EXPECT_EQ(read("SELECT count(*), max(n) FROM %"), (Table{{"500000", "499999"}}));
}

TEST_F(ParquetWriterTest, Finish_PageBeyondTheBudget_FailsWithNoMemory) {
  const auto small = std::make_shared<ByteBudget>(1U << 20);
  const auto large = std::make_shared<ByteBudget>(16U << 20);
  const query::Plan plan = Counting::plan();
  const auto refused = writer({.memory = small});
  const Counting numbers = Counting(300'000).scatter();
  ASSERT_TRUE(refused->begin(rows::Columns(plan)));
  ASSERT_TRUE(numbers.write_to(*refused));
  const auto finished = refused->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ErrorCode::no_memory);
  EXPECT_EQ(small->used(), 0U);

  const auto counted = writer({.memory = large});
  ASSERT_TRUE(counted->begin(rows::Columns(plan)));
  ASSERT_TRUE(numbers.write_to(*counted));
  ASSERT_TRUE(counted->finish());
  const rows::Page page = counted->take();
  EXPECT_EQ(page.room.bytes(), page.text.size());
  EXPECT_EQ(large->used(), page.text.size());
}

TEST_F(ParquetWriterTest, Connect_InstanceInvalidated_OpensAnother) {
  ParquetInstance instance(options());
  ASSERT_TRUE(instance.connect()->query("CREATE TABLE t (i INTEGER)"));
  instance.report({ErrorCode::internal, "", "IO Error: something else"});
  EXPECT_TRUE(instance.connect()->query("FROM t"));
  instance.report({ErrorCode::internal, "", "FATAL Error: the database has been invalidated"});
  EXPECT_FALSE(instance.connect()->query("FROM t"));
}

TEST_F(ParquetWriterTest, Connect_OtherFolder_CannotBeReadOrWritten) {
  ParquetInstance instance(options());
  auto connection = instance.connect();
  ASSERT_TRUE(connection);
  EXPECT_FALSE(connection->query("COPY (SELECT 1) TO '" + (root_ / "secret" / "x.parquet").string() + "'"));
  EXPECT_FALSE(connection->query("SET GLOBAL enable_external_access = true"));
}

TEST_F(ParquetWriterTest, Make_OtherFormat_WritesText) {
  const auto made = AnswerWriters(options()).make(rows::Format::csv, {});
  ASSERT_TRUE(made);
  EXPECT_FALSE((*made)->may_block());
  EXPECT_FALSE(std::filesystem::exists(root_ / "exports")) << "opened only for Parquet";
}

}  // namespace
}  // namespace offloader::duckdb
