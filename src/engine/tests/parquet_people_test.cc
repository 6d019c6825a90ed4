#include <gmock/gmock.h>

#include "offloader/engine/describe_file.h"
#include "parquet_bytes.h"
#include "parquet_pages.h"
#include "remote_scene.h"

// Parquet as people have it: what data frames, warehouses and broken tools write.
namespace offloader::engine {
namespace {

using catalog::Column;
using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;
using parquet_bytes::plain;
using parquet_bytes::plain_text;
using parquet_bytes::Struct;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ParquetPeopleTest : public RemoteScene {
 protected:
  ResolvedFile data(const char* name) {
    std::filesystem::copy_file(std::filesystem::path(OFFLOADER_SOURCE_DIR) / "src/engine/tests/data" / name,
                               root_ / name);
    return file_of(name, FileFormat::parquet);
  }
  ResolvedFile bytes(const char* name, const std::vector<parquet_bytes::Column>& columns) {
    std::ofstream(root_ / name, std::ios::binary) << parquet_bytes::file_of(columns);
    return file_of(name, FileFormat::parquet);
  }
  // The findings that a remote scan is not opened for.
  std::string scan_refusal(const ResolvedFile& file) {
    const auto opened = open({upload(file)});
    EXPECT_FALSE(opened);
    return opened ? "" : to_text(opened.error().findings);
  }
  std::string draft(const ResolvedFile& file) {
    const auto found = describe_file(root_ / file.declared.path, FileFormat::parquet);
    if (!found) return found.error().message;
    std::string out;
    for (const auto& column : found->columns) {
      out += column.name + " " + std::string(catalog::name_of(column.type)) + "\n";
    }
    for (const auto& ignored : found->ignored) out += "- " + ignored + "\n";
    return out;
  }
  static parquet_bytes::Column id_column(std::vector<std::int32_t> values) {
    parquet_bytes::Column out{"id", parquet_bytes::kInt32, {}, {}, 0, 0, 0, -1, false, false};
    for (const auto value : values) out.values.push_back(plain(value));
    return out;
  }
};

TEST_F(ParquetPeopleTest, aDamagedDictionaryIsRefusedByNameAndTheProcessLives) {
  dataset_.schema = {{"city", ColumnType::varchar}};
  const auto file = data("damaged_bit_width.parquet");
  EXPECT_THAT(refusal({file}), AllOf(HasSubstr("damaged_bit_width.parquet: schema_data_mismatch at city"),
                                     HasSubstr("The width (63) of the bitpacked data exceeds")));
  // A remote scan looks at the footer alone; the query fails, and others do not.
  const auto scanned = open({upload(file)});
  ASSERT_TRUE(scanned);
  const auto rows = run(everything(), *scanned);
  ASSERT_FALSE(rows);
  EXPECT_FALSE(is_machinery(rows.error()));
  const auto good = open({upload(parquet("good.parquet", "SELECT 'x' AS city"))});
  ASSERT_TRUE(good);
  EXPECT_EQ(run(everything(), *good)->json, R"([{"city":"x"}])");
}

TEST_F(ParquetPeopleTest, aMissingVariantIsNull) {
  const auto file = data("variant_with_null.parquet");
  EXPECT_EQ(draft(file), "id INTEGER\nv JSON\n");
  dataset_.schema = {{"id", ColumnType::integer}, {"v", ColumnType::json}};
  EXPECT_EQ(answer({file}), R"([{"id":0,"v":{"who":{"name":"Ada 0"}}},{"id":1,"v":null}])");
}

TEST_F(ParquetPeopleTest, aColumnOfTheTypeNullFitsEveryType) {
  auto untyped = id_column({3, 4});
  untyped.name = "note";
  untyped.all_null = true;
  untyped.has_logical = true;
  untyped.logical.inner(11, Struct());
  const auto file = bytes("untyped.parquet", {id_column({3, 4}), untyped});
  for (const auto type : {ColumnType::varchar, ColumnType::date, ColumnType::boolean, ColumnType::float64,
                          ColumnType::timestamp, ColumnType::json, ColumnType::bigint}) {
    dataset_.schema = {{"id", ColumnType::integer}, {"note", type}};
    EXPECT_EQ(answer({file}), R"([{"id":3,"note":null},{"id":4,"note":null}])") << catalog::name_of(type);
    std::filesystem::remove_all(root_ / "cache/datasets/d");
    std::filesystem::create_directories(root_ / "cache/datasets/d");
  }
  dataset_.schema = {{"id", ColumnType::integer}, {"note", ColumnType::varchar}};
  const auto typed = parquet("typed.parquet", "SELECT 1::INTEGER AS id, 'hello' AS note");
  EXPECT_EQ(answer({file, typed}), R"([{"id":1,"note":"hello"},{"id":3,"note":null},{"id":4,"note":null}])");
  const auto described = describe_file(root_ / "untyped.parquet", FileFormat::parquet);
  ASSERT_TRUE(described);
  EXPECT_THAT(described->valueless, ElementsAre("note"));
}

TEST_F(ParquetPeopleTest, aColumnOfALaterPartIsFoundWithoutRegardToCase) {
  dataset_.schema = {{"id", ColumnType::integer}, {"name", ColumnType::varchar}};
  const auto a = parquet("a.parquet", "SELECT 1 AS id, 'x' AS name");
  const auto b = parquet("b.parquet", "SELECT 2 AS ID, 'y' AS Name");
  EXPECT_EQ(answer({a, b}), R"([{"id":1,"name":"x"},{"id":2,"name":"y"}])");
  // As Snowflake writes them.
  EXPECT_EQ(answer({parquet("upper.parquet", "SELECT 3 AS ID, 'z' AS NAME")}), R"([{"id":3,"name":"z"}])");
}

TEST_F(ParquetPeopleTest, theExactNameComesFirstAndTwoOthersAreAmbiguous) {
  dataset_.schema = {{"id", ColumnType::integer}};
  const auto named = [](const char* name, std::int32_t value) {
    auto column = id_column({value});
    column.name = name;
    return column;
  };
  const auto exact = bytes("exact.parquet", {named("ID", 1), named("id", 2), named("Id", 3)});
  const auto both = bytes("both.parquet", {named("ID", 1), named("Id", 2)});
  EXPECT_THAT(refusal({both}),
              HasSubstr("both.parquet: schema_data_mismatch at id: More than one column of the "
                        "file is called id without regard to case. Rename them."));
  EXPECT_THAT(scan_refusal(both), HasSubstr("without regard to case"));
  EXPECT_EQ(answer({exact}), R"([{"id":2}])");
}

TEST_F(ParquetPeopleTest, aColumnIsFoundByItsNameInFiles) {
  Column id{"id", ColumnType::integer};
  id.from = "Home City";
  dataset_.schema = {id};
  const auto file = parquet("t.parquet", "SELECT 1 AS \"Home City\", 2 AS id");
  EXPECT_EQ(answer({file}), R"([{"id":1}])");
  // The manifest's word is the last.
  auto manifest = request({file}, std::nullopt).manifest;
  manifest.schema[0].from = "ID";
  std::filesystem::remove(SnapshotFiles{base()}.database());
  EXPECT_EQ(answer({file}, manifest), R"([{"id":2}])");
}

TEST_F(ParquetPeopleTest, whatTheTableAcceptsIsConverted) {
  dataset_.schema = {{"i", ColumnType::integer},    {"l", ColumnType::bigint},
                     {"big", ColumnType::bigint},   {"w", ColumnType::integer},
                     {"gap", ColumnType::bigint},   {"day", ColumnType::date},
                     {"tz", ColumnType::date},      {"clock", ColumnType::varchar},
                     {"blob", ColumnType::varchar}, {"x", ColumnType::float64}};
  const auto text = answer({parquet("u.parquet",
                                    "SELECT 7::DECIMAL(9,0) AS i, "
                                    "'-9223372036854775808'::DECIMAL(38,0) AS l, "
                                    "'9223372036854775807'::DECIMAL(38,0) AS big, "
                                    "-3.0::DOUBLE AS w, 'NaN'::DOUBLE AS gap, "
                                    "TIMESTAMP '2024-02-29 00:00:00' AS day, "
                                    "TIMESTAMPTZ '2024-02-29 00:00:00+00' AS tz, "
                                    "TIME '12:34:56.5' AS clock, encode('é') AS blob, "
                                    "1.1::DECIMAL(38,18) AS x")});
  EXPECT_EQ(text, R"([{"i":7,"l":-9223372036854775808,"big":9223372036854775807,"w":-3,"gap":null,)"
                  R"("day":"2024-02-29","tz":"2024-02-29","clock":"12:34:56.5","blob":"é","x":1.1}])");
}

struct Misfit {
  const char* select;  // of three rows, the second of which does not fit
  ColumnType declared;
  const char* message;
};

TEST_F(ParquetPeopleTest, aValueThatDoesNotFitIsShownWithItsRowAndWhatToDo) {
  const Misfit misfits[] = {
      {"unnest(['1', '2147483648', '3']::DECIMAL(12,0)[])", ColumnType::integer,
       "Row 2: the value 2147483648 of c is outside of INTEGER's range, -2147483648 to 2147483647. Declare "
       "BIGINT."},
      {"unnest(['1', '9223372036854775808', '3']::DECIMAL(38,0)[])", ColumnType::bigint,
       "Row 2: the value 9223372036854775808 of c is outside of BIGINT's range"},
      {"unnest([1, 1.5, 3]::DOUBLE[])", ColumnType::bigint,
       "Row 2: the value 1.5 of c is no whole number in BIGINT's range. Declare DOUBLE"},
      {"unnest([1, 3e9, 3]::DOUBLE[])", ColumnType::integer,
       "Row 2: the value 3000000000.0 of c is no whole"},
      {"unnest([0.1, 90071992547409.93, 2]::DECIMAL(18,2)[])", ColumnType::float64,
       "Row 2: the value 90071992547409.93 of c has more digits than a DOUBLE holds. Export it as DOUBLE if "
       "it may "
       "be rounded"},
      {"unnest([1, 9007199254740993, 2]::BIGINT[])", ColumnType::float64,
       "Row 2: the value 9007199254740993 of c has more digits"},
      {"unnest(['2024-01-01', '2024-01-01 00:00:01', '2024-01-02']::TIMESTAMP[])", ColumnType::date,
       "Row 2: the value 2024-01-01 00:00:01 of c is not midnight"},
      {"unnest(['2024-01-01', '20240-05-01', '9999-12-31']::DATE[])", ColumnType::date,
       "Row 2: the value 20240-05-01 of c is outside of the years 0001 to 9999"},
      {"unnest(['2024-01-01', '0044-03-15 (BC)', '9999-12-31']::DATE[])", ColumnType::timestamp,
       "Row 2: the value 0044-03-15 (BC) of c is outside of the years"},
      {"unnest(['9999-12-31 23:59:59.999999', '290000-12-31 00:00:00', '0001-01-01']::TIMESTAMP[])",
       ColumnType::timestamp, "Row 2: the value 290000-12-31 00:00:00 of c is outside of the years"},
      {"unnest(['2024-01-01', 'infinity', '2024-01-01']::TIMESTAMP[])", ColumnType::timestamp,
       "Row 2: the value infinity of c is outside of the years"},
      {"unnest(['a'::BLOB, '\\xFF'::BLOB, 'b'::BLOB])", ColumnType::varchar,
       "Row 2: the value \\xFF of c is not UTF-8. Export the column as text."},
      {"unnest(['{}', '{a:1}', '[]'])", ColumnType::json, "Row 2: the value {a:1} of c is not valid JSON"},
      {"unnest(['{}', repeat('é', 50), '[]'])", ColumnType::json,
       "the value ééééééééééééééééééééééééééééééééééééééééé"},
  };
  for (const auto& misfit : misfits) {
    dataset_.schema = {{"c", misfit.declared}};
    dataset_.tenant_column.reset();
    const auto file = parquet("t.parquet", std::string("SELECT ") + misfit.select + " AS c");
    const auto text = refusal({file});
    EXPECT_THAT(text, HasSubstr("t.parquet: schema_data_mismatch at c: ")) << misfit.select;
    if (std::string_view(misfit.message).find("é") == std::string_view::npos) {
      EXPECT_THAT(text, HasSubstr(misfit.message));
    } else {
      EXPECT_THAT(text, HasSubstr("é…"));  // cut
      EXPECT_THAT(text, Not(HasSubstr(misfit.message)));
    }
    // Of the tenant column no value is shown.
    dataset_.tenant_column = 0;
    EXPECT_THAT(refusal({file}), AllOf(HasSubstr("Row 2: a value of c "), Not(HasSubstr("the value"))));
  }
}

TEST_F(ParquetPeopleTest, aKeyOfManyDigitsIsNeverMerged) {
  dataset_.schema = {{"account", ColumnType::varchar}};
  const auto file = parquet(
      "ids.parquet", "SELECT unnest(['9007199254740992', '9007199254740993']::DECIMAL(38,0)[]) AS account");
  EXPECT_THAT(
      refusal({file}),
      HasSubstr("Column account is DECIMAL(38,0) in the file and cannot be read as VARCHAR. Declare BIGINT "
                "if its values fit, else cast it to VARCHAR in the export."));
  dataset_.schema = {{"account", ColumnType::float64}};
  EXPECT_THAT(refusal({file}), HasSubstr("Row 2: the value 9007199254740993 of account has more digits"));
  EXPECT_EQ(draft(file), "account BIGINT\n");
  dataset_.schema = {{"account", ColumnType::bigint}};
  EXPECT_EQ(answer({file}), R"([{"account":9007199254740992},{"account":9007199254740993}])");
}

TEST_F(ParquetPeopleTest, aDateThatCannotBeShownIsRefusedByARemoteScanFromTheFooter) {
  dataset_.schema = {{"id", ColumnType::integer}, {"d", ColumnType::date}, {"t", ColumnType::timestamp}};
  const auto file =
      parquet("p.parquet",
              "SELECT unnest([1, 2]) AS id, unnest([DATE '9999-12-31', DATE '20240-05-01']) AS d, "
              "unnest([TIMESTAMP '40000-01-01', TIMESTAMP '2024-01-01']) AS t");
  EXPECT_THAT(scan_refusal(file), AllOf(HasSubstr("Row 2: the value 20240-05-01 of d"),
                                        HasSubstr("Row 1: the value 40000-01-01 00:00:00 of t")));
}

TEST_F(ParquetPeopleTest, metadataThatCannotBeShownKeepsNoFileFromBeingScanned) {
  dataset_.schema = {{"d", ColumnType::date}, {"city", ColumnType::varchar}};
  parquet_bytes::Column day = id_column({19723});
  day.name = "d";
  day.has_logical = true;
  day.logical.inner(6, Struct());
  day.converted = 6;
  parquet_bytes::Column city{"city", parquet_bytes::kBytes, {plain_text("Paris")}};
  city.has_logical = true;
  city.logical.inner(1, Struct());
  city.converted = 0;
  auto bytes = parquet_bytes::file_of({day, city});
  const auto path = bytes.rfind("city");  // the column's own metadata, behind the schema
  ASSERT_NE(path, std::string::npos);
  bytes[path] = '\xE4';
  std::ofstream(root_ / "p.parquet", std::ios::binary) << bytes;
  EXPECT_EQ(answer({file_of("p.parquet", FileFormat::parquet)}), R"([{"d":"2024-01-01","city":"Paris"}])");
}

TEST_F(ParquetPeopleTest, aDateThatNoFooterTellsOfIsNullInARemoteScan) {
  dataset_.schema = {{"id", ColumnType::integer}, {"d", ColumnType::date}};
  parquet_bytes::Column day = id_column({19723, 6670000, -800000});  // 2024-01-01, in 20231, before Christ
  day.name = "d";
  day.has_logical = true;
  day.logical.inner(6, Struct());
  day.converted = 6;
  const auto file = bytes("p.parquet", {id_column({1, 2, 3}), day});
  EXPECT_THAT(refusal({file}), HasSubstr("Row 2: the value 20231-"));
  const auto scanned = open({upload(file)});
  ASSERT_TRUE(scanned);
  auto plan = everything();
  EXPECT_EQ(run(plan, *scanned)->json, R"([{"id":1,"d":"2024-01-01"},{"id":2,"d":null},{"id":3,"d":null}])");
  auto shape = std::make_shared<query::PlanShape>(*plan.shape);
  shape->id = next_shape();
  shape->conditions = {{1, ColumnType::date, query::Comparison::ge}};
  plan.shape = shape;
  plan.values = {query::Date{0}};
  EXPECT_EQ(run(plan, *scanned)->json, R"([{"id":1,"d":"2024-01-01"}])");
}

TEST_F(ParquetPeopleTest, timesBefore1970AreKeptToTheMicrosecondBelow) {
  const auto stamp = [](const char* name, int unit, bool utc, std::vector<std::int64_t> values) {
    parquet_bytes::Column out{name, parquet_bytes::kInt64, {}, {}, 0, 0, 0, -1, true, false};
    for (const auto value : values) out.values.push_back(plain(value));
    out.logical.inner(8, Struct().flag(1, utc).inner(2, Struct().inner(unit, Struct())));
    return out;
  };
  dataset_.schema = {{"ms", ColumnType::timestamp},
                     {"us", ColumnType::timestamp},
                     {"ns", ColumnType::timestamp},
                     {"z", ColumnType::timestamp}};
  const auto file =
      bytes("t.parquet",
            {stamp("ms", 1, false, {-1, -86400001}), stamp("us", 2, false, {-1, -86400000001}),
             stamp("ns", 3, false, {-1, -86400000000001}), stamp("z", 3, true, {-1000, -86400000001000})});
  EXPECT_EQ(answer({file}), R"([{"ms":"1969-12-30T23:59:59.999","us":"1969-12-30T23:59:59.999999",)"
                            R"("ns":"1969-12-30T23:59:59.999999","z":"1969-12-30T23:59:59.999999"},)"
                            R"({"ms":"1969-12-31T23:59:59.999","us":"1969-12-31T23:59:59.999999",)"
                            R"("ns":"1969-12-31T23:59:59.999999","z":"1969-12-31T23:59:59.999999"}])");
}

TEST_F(ParquetPeopleTest, textThatIsNotUtf8NamesFileColumnAndRow) {
  dataset_.schema = {{"id", ColumnType::integer}, {"note", ColumnType::varchar}};
  EXPECT_THAT(
      refusal({data("not_utf8.parquet")}),
      HasSubstr("not_utf8.parquet: schema_data_mismatch at note: Row 1: the text in column note is not "
                "UTF-8. Export it as UTF-8."));
  // One text in many row groups.
  parquet_bytes::Column note{"note", parquet_bytes::kBytes, {}, {}, 0, 0, 0, -1, true, false};
  note.logical.inner(1, Struct());
  note.converted = 0;
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 5000; ++i) {
    ids.push_back(i);
    note.values.push_back(plain_text(i == 4321 ? "caf\xE9" : "note " + std::to_string(i)));
  }
  EXPECT_THAT(refusal({bytes("t.parquet", {id_column(ids), note})}),
              HasSubstr("Row 4322: the text in column note"));
}

TEST_F(ParquetPeopleTest, whatDuckdbCannotReadIsToldInItsOwnWords) {
  dataset_.schema = {{"id", ColumnType::integer}};
  auto encoded = id_column({1, 2});
  encoded.encoding = 4;
  auto hadoop = id_column({1, 2});
  hadoop.codec = 5;
  const auto odd = bytes("odd.parquet", {encoded});
  EXPECT_THAT(refusal({odd}),
              AllOf(HasSubstr("odd.parquet: schema_data_mismatch at id: Column id: Cannot read the "
                              "file: Unsupported page encoding. Export it with"),
                    Not(HasSubstr(root_.string()))));
  EXPECT_THAT(refusal({bytes("lz4.parquet", {hadoop})}),
              AllOf(HasSubstr("Unsupported compression codec \"LZ4\""), Not(HasSubstr(root_.string()))));
  write("text.parquet", "This is no Parquet file at all.");
  EXPECT_THAT(
      refusal({file_of("text.parquet", FileFormat::parquet)}),
      AllOf(HasSubstr("text.parquet: schema_data_mismatch: Cannot read the file: No magic bytes found"),
            Not(HasSubstr(root_.string()))));
  write("encrypted.parquet",
        "PAR1 the footer is encrypted, and so is all of it. \x10" + std::string(3, '\0') + "PARE");
  EXPECT_THAT(refusal({file_of("encrypted.parquet", FileFormat::parquet)}), HasSubstr("encrypted"));
  EXPECT_THAT(scan_refusal(file_of("encrypted.parquet", FileFormat::parquet)), HasSubstr("encrypted"));
  EXPECT_THAT(draft(file_of("encrypted.parquet", FileFormat::parquet)), HasSubstr("encrypted"));
}

// An upload that lost a part, or a footer of another file.
TEST_F(ParquetPeopleTest, aFileThatLacksItsMiddleIsRefused) {
  dataset_.schema = {{"id", ColumnType::integer}};
  std::vector<std::int32_t> ids(10000);
  std::ranges::generate(ids, [n = 0]() mutable { return n++; });
  auto bytes = parquet_bytes::file_of({id_column(ids)});
  bytes.erase(1000, 30000);
  std::ofstream(root_ / "lost.parquet", std::ios::binary) << bytes;
  const auto file = file_of("lost.parquet", FileFormat::parquet);
  const auto message = AllOf(HasSubstr("lost.parquet: schema_data_mismatch at id"), HasSubstr("60031"),
                             HasSubstr("30122"), HasSubstr("export it again"));
  EXPECT_THAT(refusal({file}), message);
  const auto built = engine_->build(remote_request({upload(file)}));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().error.code, ErrorCode::rejected);
  EXPECT_THAT(to_text(built.error().findings), message);
}

TEST_F(ParquetPeopleTest, aColumnThatNothingDeclaresMayBeUnreadable) {
  dataset_.schema = {{"id", ColumnType::integer}};
  auto encoded = id_column({1, 2});
  encoded.name = "other";
  encoded.encoding = 4;
  EXPECT_EQ(answer({bytes("t.parquet", {id_column({1, 2}), encoded})}), R"([{"id":1},{"id":2}])");
}

TEST_F(ParquetPeopleTest, aPageThatDoesNotHaveItsChecksumIsRefused) {
  dataset_.schema = {{"id", ColumnType::integer}};
  auto other = id_column({5, 6});
  other.name = "other";
  auto bytes = parquet_bytes::file_of({id_column({7, 8}), other}, true);
  const auto save = [&](const char* name) {
    std::ofstream(root_ / name, std::ios::binary) << bytes;
    return file_of(name, FileFormat::parquet);
  };
  const auto sound = save("sound.parquet");
  const auto at = bytes.find(plain(std::int32_t{7}));
  ASSERT_NE(at, std::string::npos);
  bytes[at] ^= 2;  // 5, which is a sound number
  const auto bad = save("bad.parquet");
  const auto message = AllOf(HasSubstr("bad.parquet: schema_data_mismatch at id: Column id: "),
                             HasSubstr("he page at byte 4 does not have the bytes of its checksum"));
  EXPECT_THAT(refusal({bad}), message);
  // What a store sends is compared as it arrives; a small file arrives whole, with its footer.
  const auto remote = AllOf(HasSubstr("bad.parquet: schema_data_mismatch"),
                            HasSubstr("he page at byte 4 does not have the bytes of its checksum"));
  const auto built = engine_->build(remote_request({upload(bad)}));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().error.code, ErrorCode::rejected);
  EXPECT_THAT(to_text(built.error().findings), remote);
  const auto scanned = open({upload(bad)});
  ASSERT_FALSE(scanned);
  EXPECT_THAT(to_text(scanned.error().findings), remote);
  EXPECT_EQ(answer({sound}), R"([{"id":7},{"id":8}])");
  // Of a column that nobody reads it does not matter.
  dataset_.schema = {{"other", ColumnType::integer}};
  EXPECT_TRUE(engine_->build(request({bad}, 2)));
}

TEST(ParquetPages, OfAnyBytesAreReadWithinTheirBounds) {
  parquet_bytes::Column id{"id", parquet_bytes::kInt32, {}, {}, 0, 0, 0, -1, false, false};
  for (int i = 0; i < 50; ++i) id.values.push_back(plain(i));
  const auto sound = parquet_bytes::file_of({id}, true);
  const auto read_of = [](const std::string& bytes) {
    return [&bytes](std::uint64_t offset, char* buffer, std::uint64_t length) -> Result<void> {
      EXPECT_LE(offset + length, bytes.size());
      std::memcpy(buffer, bytes.data() + offset, length);
      return {};
    };
  };
  const auto map = page_map_of(sound.size(), read_of(sound));
  ASSERT_EQ(map.chunks.size(), 1U);
  EXPECT_THAT(map.columns, ElementsAre("id"));
  EXPECT_EQ(damaged_page_in(map, 0, sound), std::nullopt);
  int found = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      auto mutated = sound;
      mutated[i] = static_cast<char>(mutated[i] ^ (1 << bit));
      const auto pages = page_map_of(mutated.size(), read_of(mutated));
      for (const auto& chunk : pages.chunks) {
        const auto page = damaged_page(chunk, mutated.size(), read_of(mutated));
        ASSERT_TRUE(page);
        EXPECT_EQ(*page, damaged_page_in(pages, 0, mutated));
        found += page->has_value() ? 1 : 0;
      }
    }
  }
  EXPECT_GT(found, 3 * 200);  // each byte of the values and their levels
}

// NaN and infinities, which are shown as null, are null to every filter, order and aggregate.
class NotFiniteTest : public ParquetPeopleTest {
 protected:
  NotFiniteTest() {
    dataset_.schema = {{"sensor", ColumnType::varchar}, {"value", ColumnType::float64}};
    file_ = parquet("p.parquet",
                    "SELECT unnest(['a', 'a', 'a', 'b', 'b']) AS sensor, unnest(['1', 'NaN', '-inf', '5', "
                    "NULL]::DOUBLE[]) AS value");
  }
  // By the index, by DuckDB and by a remote scan.
  std::vector<std::string> answers(const query::Plan& plan) {
    std::vector<std::string> out;
    for (const bool index : {true, false}) {
      options_.use_index = index;
      reopen();
      auto request = this->request({file_}, 5);
      request.indexed_columns = {0, 1};
      request.sort_columns = {0};
      EXPECT_TRUE(engine_->build(request));
      const auto local = engine_->attach({base()}, dataset_);
      out.push_back(run(plan, *local)->json);
    }
    const auto remote = open({upload(file_)});
    out.push_back(run(plan, *remote)->json);
    return out;
  }
  query::Plan of(query::PlanShape shape, std::vector<query::Value> values = {}) const {
    shape.id = next_shape();
    shape.schema = dataset_.schema;
    query::Plan plan;
    for (std::size_t i = 0; i < shape.projections.size(); ++i) plan.columns.push_back(i);
    plan.shape = std::make_shared<query::PlanShape>(std::move(shape));
    plan.values = std::move(values);
    plan.limit = 100;
    return plan;
  }
  ResolvedFile file_;
};

TEST_F(NotFiniteTest, isLastInBothDirections) {
  query::PlanShape shape;
  shape.projections = {{"value", 1, ColumnType::float64, {}}};
  for (const bool descending : {true, false}) {
    shape.order = {{0, descending}};
    const std::string five = R"({"value":5.0})";
    const std::string one = R"({"value":1.0})";
    const auto expected = "[" + (descending ? five + "," + one : one + "," + five) +
                          R"(,{"value":null},{"value":null},{"value":null}])";
    EXPECT_THAT(answers(of(shape)), testing::Each(expected));
  }
}

TEST_F(NotFiniteTest, isMatchedByNoFilter) {
  query::PlanShape shape;
  shape.projections = {{"value", 1, ColumnType::float64, {}}};
  shape.order = {{0, false}};
  shape.conditions = {{1, ColumnType::float64, query::Comparison::ge}};
  EXPECT_THAT(answers(of(shape, {2.0})), testing::Each(R"([{"value":5.0}])"));
  shape.conditions = {{1, ColumnType::float64, query::Comparison::le}};
  EXPECT_THAT(answers(of(shape, {2.0})), testing::Each(R"([{"value":1.0}])"));
}

TEST_F(NotFiniteTest, isLeftOutOfAggregates) {
  query::PlanShape shape;
  shape.projections = {{"sensor", 0, ColumnType::varchar, {}},
                       {"top", 1, ColumnType::float64, catalog::Aggregate::max},
                       {"low", 1, ColumnType::float64, catalog::Aggregate::min},
                       {"total", 1, ColumnType::float64, catalog::Aggregate::sum},
                       {"n", 1, ColumnType::float64, catalog::Aggregate::count}};
  shape.aggregated = true;
  shape.group_by = {0};
  shape.order = {{0, false}};
  EXPECT_THAT(answers(of(shape)), testing::Each(R"([{"sensor":"a","top":1.0,"low":1.0,"total":1.0,"n":1},)"
                                                R"({"sensor":"b","top":5.0,"low":5.0,"total":5.0,"n":1}])"));
}

TEST_F(NotFiniteTest, isASumPastTheLargestDoubleAndThenLastInBothDirections) {
  file_ = parquet(
      "sums.parquet",
      "SELECT unnest(['a', 'a', 'b', 'c']) AS sensor, unnest(['1e308', '1e308', '5', NULL]::DOUBLE[]) AS "
      "value UNION ALL SELECT 'd', 7.0");
  for (const auto kind : {catalog::Aggregate::sum, catalog::Aggregate::avg}) {
    query::PlanShape shape;
    shape.projections = {{"sensor", 0, ColumnType::varchar, {}}, {"x", 1, ColumnType::float64, kind}};
    shape.aggregated = true;
    shape.group_by = {0};
    for (const bool descending : {true, false}) {
      shape.order = {{1, descending}, {0, false}};
      const std::string five = R"({"sensor":"b","x":5.0})";
      const std::string seven = R"({"sensor":"d","x":7.0})";
      EXPECT_THAT(answers(of(shape)),
                  testing::Each("[" + (descending ? seven + "," + five : five + "," + seven) +
                                R"(,{"sensor":"a","x":null},{"sensor":"c","x":null}])"));
    }
  }
}

}  // namespace
}  // namespace offloader::engine
