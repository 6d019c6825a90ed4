#include <gmock/gmock.h>
#include <zlib.h>
#include <zstd.h>

#include "remote_scene.h"

// CSV files that differ from RFC 4180, read as the manifest's `csv` block describes. Each is loaded by a
// build from disk and from a store, and read by a remote scan.
namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

class CsvDialectsTest : public RemoteScene {
 protected:
  std::string read(const std::string& text, const std::string& name = "t.csv") {
    return read_file(write(name, text));
  }
  std::string read_file(const manifest::ResolvedFile& file) {
    manifest::Manifest manifest;
    manifest.schema = dataset_.schema;
    manifest.csv = dialect_;
    const auto local = answer({file}, manifest);
    auto request = remote_request({upload(file)});
    request.source.manifest = manifest;
    const auto built = executor_->materialize(request);
    EXPECT_TRUE(built) << built.error().error.detail << to_text(built.error().findings);
    if (!built) return "";
    auto snapshot = attach();
    EXPECT_EQ(run(everything(), *snapshot)->json, local);
    return local;
  }
  static std::string zipped(const std::string& text, bool gzip) {
    std::string out(compressBound(text.size()) + ZSTD_compressBound(text.size()) + 64, '\0');
    if (!gzip) {
      out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
      return out;
    }
    z_stream stream{};
    deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }

  manifest::CsvDialect dialect_;
};

TEST_F(CsvDialectsTest, QuotedEmptyField_OfANonTextColumn_IsNull) {
  dataset_.schema = {{"id", ColumnType::integer}, {"qty", ColumnType::bigint},   {"x", ColumnType::float64},
                     {"b", ColumnType::boolean},  {"at", ColumnType::timestamp}, {"day", ColumnType::date},
                     {"t", ColumnType::varchar}};
  EXPECT_EQ(
      read("\"id\",\"qty\",\"x\",\"b\",\"at\",\"day\",\"t\"\n\"1\",\"5\",\"1.5\",\"true\",\"2026-01-01\","
           "\"2026-01-01\",\"a\"\n\"2\",\"\",\"\",\"\",\"\",\"\",\"\"\n"),
      R"([{"id":1,"qty":5,"x":1.5,"b":true,"at":"2026-01-01T00:00:00","day":"2026-01-01","t":"a"},)"
      R"({"id":2,"qty":null,"x":null,"b":null,"at":null,"day":null,"t":""}])");
}

TEST_F(CsvDialectsTest, LineEndings_MixedInOneFile_AreAccepted) {
  dataset_.schema = {{"id", ColumnType::integer}, {"city", ColumnType::varchar}};
  EXPECT_EQ(read("id,city\n1,a\r\n2,\"b\r\nc\"\n3,d\r\n"),
            R"([{"id":1,"city":"a"},{"id":2,"city":"b\r\nc"},{"id":3,"city":"d"}])");
  EXPECT_EQ(read("id,city\r\n1,a\n2,b"), R"([{"id":1,"city":"a"},{"id":2,"city":"b"}])");
  EXPECT_EQ(read("id,city\n1,5\" pipe\r\n2,\"b\r\nc\"\n"),
            R"([{"id":1,"city":"5\" pipe"},{"id":2,"city":"b\r\nc"}])");
  // The other line ending comes long after the part that is examined before the load.
  std::string text = "id,city\n";
  for (int i = 0; i < 20000; ++i) text += "1,x\n";
  EXPECT_THAT(read(text + "2,y\r\n"), ::testing::StartsWith(R"([{"id":1,"city":"x"})"));
}

TEST_F(CsvDialectsTest, EmptyFields_AfterTheLastColumn_AreIgnored) {
  dataset_.schema = {{"id", ColumnType::integer}, {"city", ColumnType::varchar}};
  // Row 2 has an invalid value; the empty fields at the end of row 1 are no error.
  EXPECT_THAT(refusal({write("bad.csv", "id,city\n1,a,,\nx,b\n")}), ::testing::HasSubstr("Row 2"));
  EXPECT_THAT(refusal({write("wide.csv", "id,city\n1,a,,x\n")}), ::testing::HasSubstr("Line 2 has 4 fields"));
  EXPECT_EQ(read("id,city\n1,a,\n2,b,,,\n3,c\n"),
            R"([{"id":1,"city":"a"},{"id":2,"city":"b"},{"id":3,"city":"c"}])");
}

TEST_F(CsvDialectsTest, Dialect_DelimiterDecimalNullsAndFormats_AreApplied) {
  dialect_.delimiter = ';';
  dialect_.decimal = ',';
  dialect_.nulls = {"NA", "-"};
  dialect_.date_format = "%d.%m.%Y";
  dialect_.timestamp_format = "%d.%m.%Y %H:%M %z";
  dataset_.schema = {{"x", ColumnType::float64},
                     {"day", ColumnType::date},
                     {"at", ColumnType::timestamp},
                     {"t", ColumnType::varchar}};
  EXPECT_EQ(read("x;day;at;t\n1,5;1.2.2024;01.02.2024 10:00 +0200;a\nNA;-;;\"NA\"\n-;NA;NA;\n"),
            R"([{"x":1.5,"day":"2024-02-01","at":"2024-02-01T08:00:00","t":"a"},)"
            R"({"x":null,"day":null,"at":null,"t":""},{"x":null,"day":null,"at":null,"t":"NA"}])");
}

TEST_F(CsvDialectsTest, Dialect_TabsQuotesAndEscapes_AreApplied) {
  dataset_.schema = {{"a", ColumnType::varchar}, {"b", ColumnType::varchar}};
  dialect_.delimiter = '\t';
  dialect_.quote = '\0';
  dialect_.escape = '\0';
  EXPECT_EQ(read("a\tb\n\"x\ty\"z\n"), R"([{"a":"\"x","b":"y\"z"}])");
  dialect_ = {};
  dialect_.quote = '\'';
  dialect_.escape = '\'';
  EXPECT_EQ(read("a,b\n'x,''y',\"z\n"), R"([{"a":"x,'y","b":"\"z"}])");
  dialect_ = {};
  dialect_.escape = '\\';
  dialect_.nulls = {"\\N"};
  EXPECT_EQ(read("a,b\n\"say \\\"hi\\\", now\",\"x\"\n\\N,\"N\"\n"),
            R"([{"a":"say \"hi\", now","b":"x"},{"a":null,"b":"N"}])");
  // A quoted NULL text is a value.
  EXPECT_EQ(read("a,b\n\"\\\\N\",\\N\n"), R"([{"a":"\\N","b":null}])");
}

TEST_F(CsvDialectsTest, NoHeader_FieldsAreNamedByTheSchema) {
  dataset_.schema = {{"id", ColumnType::integer}, {"city", ColumnType::varchar}};
  dialect_.header = false;
  EXPECT_EQ(read("1,a\n2,b\n"), R"([{"id":1,"city":"a"},{"id":2,"city":"b"}])");
}

TEST_F(CsvDialectsTest, Encoding_PlainOrCompressedFile_IsDecoded) {
  dataset_.schema = {{"id", ColumnType::integer}, {"city", ColumnType::varchar}};
  const std::string expected = "[{\"id\":1,\"city\":\"K\xc3\xb6ln\"},{\"id\":2,\"city\":\"b\"}]";
  const std::string latin = "id,city\n1,K\xf6ln\n2,b\n";
  dialect_.encoding = manifest::CsvEncoding::latin1;
  EXPECT_EQ(read(latin), expected);
  EXPECT_EQ(read(zipped(latin, true), "t.csv.gz"), expected);
  EXPECT_EQ(read(zipped(latin, false), "t.csv.zst"), expected);
  dialect_.encoding = manifest::CsvEncoding::windows1252;
  EXPECT_EQ(read("id,city\n1,\x80\n"), "[{\"id\":1,\"city\":\"\xe2\x82\xac\"}]");
  std::string wide;
  for (const char c : latin) wide += {c, '\0'};
  dialect_.encoding = manifest::CsvEncoding::utf16le;
  EXPECT_EQ(read(wide), expected);
  dialect_.encoding = manifest::CsvEncoding::utf16;
  EXPECT_EQ(read("\xff\xfe" + wide), expected);
  std::string big = "\xfe\xff";
  for (const char c : std::string("id,city\r\n1,")) big += {'\0', c};
  big += std::string("\xd8\x3d\xde\x00", 4);  // U+1F600, a surrogate pair
  big += std::string("\0\n", 2);
  EXPECT_EQ(read(big), "[{\"id\":1,\"city\":\"\xf0\x9f\x98\x80\"}]");
}

TEST_F(CsvDialectsTest, Column_SeveralCandidates_PrefersFromThenNameThenAnyCase) {
  dataset_.schema = {{"order_id", ColumnType::integer, "Order ID"}, {"city", ColumnType::varchar}};
  EXPECT_EQ(read("CITY,Order ID\na,1\n"), R"([{"order_id":1,"city":"a"}])");
  EXPECT_EQ(read("City,city,order id\nx,a,1\n"), R"([{"order_id":1,"city":"a"}])");
  // The manifest's `from` overrides that of the dataset.
  manifest::Manifest manifest;
  manifest.schema = {{"order_id", ColumnType::integer, "nr"}, {"city", ColumnType::varchar}};
  EXPECT_EQ(answer({write("m.csv", "Order ID,nr,city\n1,2,a\n")}, manifest),
            R"([{"order_id":2,"city":"a"}])");
  // Without it, the dataset's `from` takes precedence over the column's name.
  manifest.schema[0].from.clear();
  EXPECT_EQ(answer({write("d.csv", "order_id,Order ID,city\n1,2,a\n")}, manifest),
            R"([{"order_id":2,"city":"a"}])");
}

TEST_F(CsvDialectsTest, ByteOrderMark_BeforeTheHeader_IsSkipped) {
  dataset_.schema = {{"id", ColumnType::integer}, {"city", ColumnType::varchar}};
  EXPECT_EQ(read("\xef\xbb\xbfid,city\n1,a\n"), R"([{"id":1,"city":"a"}])");
  EXPECT_EQ(read("\xef\xbb\xbf\"id\",\"city\"\n\"1\",\"a\nb\"\n"), R"([{"id":1,"city":"a\nb"}])");
}

TEST_F(CsvDialectsTest, Number_NanOrInfinity_IsNull) {
  // Ordered by x: NaN and infinities are shown as null, and must also sort last like null.
  dataset_.schema = {{"x", ColumnType::float64}, {"id", ColumnType::integer}};
  const std::string expected = R"([{"x":1.5,"id":4},{"x":null,"id":1},{"x":null,"id":2},{"x":null,"id":3}])";
  EXPECT_EQ(read("id,x\n1,NaN\n2,-Infinity\n3,inf\n4,1.5\n"), expected);
  dialect_.delimiter = ';';
  dialect_.decimal = ',';
  EXPECT_EQ(read("id;x\n1;NaN\n2;-Infinity\n3;inf\n4;1,5\n"), expected);
}

// DuckDB reads files over 8 MB in parts, and a part may begin in the middle of a quoted text.
TEST_F(CsvDialectsTest, QuotedLineBreaks_InALargeFile_KeepEveryRow) {
  dataset_.schema = {{"job", ColumnType::integer}, {"log", ColumnType::varchar}};
  std::string text = "job,log\n";
  const auto body = [](int i) {
    return "08:00:" + std::to_string(i % 60) + ", started by the scheduler\n" + std::string(60, 'x') +
           ",\n\"\"ended\"\"";
  };
  int rows = 0;
  for (; text.size() < 9'000'000; ++rows) text += std::to_string(rows) + ",\"" + body(rows) + "\"\n";
  for (const bool late : {false, true}) {
    // If `late`, the first quoted line break follows megabytes of lines without one.
    std::string file = text;
    if (late) {
      file = "job,log\n";
      for (rows = 0; file.size() < 9'000'000; ++rows)
        file += std::to_string(rows) + ",\"" + std::string(100, 'y') + "\"\n";
      for (const int end = rows + 2000; rows < end; ++rows)
        file += std::to_string(rows) + ",\"" + body(rows) + "\"\n";
    }
    auto request = this->request({write("big.csv", file)}, rows);
    const auto built = executor_->materialize(request);
    ASSERT_TRUE(built) << built.error().error.detail << to_text(built.error().findings);
    EXPECT_EQ(built->rows, rows);
  }
}

}  // namespace
}  // namespace offloader::local_executor
