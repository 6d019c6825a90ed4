#include <gmock/gmock.h>
#include <zlib.h>

#include "local_scene.h"
#include "offloader/duckdb/describe_file.h"

// Errors about a CSV file name the file, the line or row, the cause and what to do. A build, a check of the
// header and the draft of a manifest report the same errors.
namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using ::testing::HasSubstr;

class CsvRefusalsTest : public LocalScene {
 protected:
  CsvRefusalsTest() { dataset_.schema = {{"id", ColumnType::integer}, {"city", ColumnType::varchar}}; }

  catalog::Findings refused(const std::string& text, const std::string& name = "f.csv") {
    return refused_file(write(name, text));
  }
  catalog::Findings refused_file(const manifest::ResolvedFile& file) {
    auto request = this->request({file}, std::nullopt);
    request.source.manifest.csv = dialect_;
    const auto built = executor_->materialize(request);
    EXPECT_FALSE(built);
    if (built) return {};
    EXPECT_EQ(built.error().error.code, ErrorCode::rejected) << built.error().error.detail;
    return built.error().findings;
  }
  // Returns the message and the hint of the first finding, which must name the file.
  std::string said(const std::string& text, const std::string& name = "f.csv") {
    const auto findings = refused(text, name);
    if (findings.empty()) return "";
    EXPECT_EQ(findings[0].file, name);
    EXPECT_EQ(findings[0].code, "schema_data_mismatch");
    return findings[0].message + " | " + findings[0].hint;
  }
  std::string drafted(const std::string& text, const std::string& name = "f.csv") {
    write(name, text);
    const auto found = duckdb::describe_file(root_ / name, manifest::FileFormat::csv);
    if (found) return "described";
    EXPECT_THAT(found.error().message, HasSubstr(name));
    return found.error().message;
  }

  manifest::CsvDialect dialect_;
};

TEST_F(CsvRefusalsTest, Materialize_MalformedFile_ReportsLineCauseAndHint) {
  struct Case {
    std::string text;
    const char* says;
    const char* name = "f.csv";
  };
  for (const Case& c : std::vector<Case>{
           {"id,city\n1,K\xf6ln\n", "Line 2: the text is not UTF-8 (\"K\\xf6ln\")"},
           {"id,city\n1,a\n2\n", "Line 3 has 1 field, but the header has 2."},
           {"id,city\r1,a\r2\r", "Line 3 has 1 field, but the header has 2."},
           {"id,city\n1,a,b\n", "Line 2 has 3 fields, but the header has 2."},
           {"id,city\n1,\"say \\\"hi\\\"\"\n", "Line 2: a quote is escaped with a backslash."},
           {"id,city\n1,\"a\"b\n", "Line 2: there is text between a closing quote and the next delimiter."},
           {"id,city\n1,\"a\n2,b\n", "Line 2: the quote that opens here is never closed."},
           {"id,city\n1,a\rb\n", "Line 2: the line ends in CR, but the first line ends in LF."},
           {"id,city\n1," + std::string(2'100'000, 'x') + "\n",
            "Line 2: the line has more than 2000000 bytes, which is the limit."},
           {"", "The file is empty and has no header."},
           {"id\n1\n", "The file is not gzip, although its name says so.", "f.csv.gz"},
           {"id\n1\n", "The file is not zstd, although its name says so.", "f.csv.zst"},
           {std::string("\xff\xfei\0d\0,\0c\0i\0t\0y\0\n\0", 18), "The file is UTF-16, not UTF-8."},
           {"id;city\n1;a\n", "Line 1: the fields are separated by `;`, not by `,`: id;city"},
           {"id\tcity\n1\ta\n", "Line 1: the fields are separated by `\\t`, not by `,`"},
           {"id,city,ID,id\n1,a,2,3\n", "The header contains the column id more than once."},
       }) {
    const auto text = said(c.text, c.name);
    EXPECT_THAT(text, HasSubstr(c.says));
    EXPECT_THAT(text, ::testing::Not(::testing::EndsWith("| "))) << "no word of what to do";
    const auto draft = drafted(c.text, c.name);
    // The draft reports the same cause. Only a duplicate column depends on the contract.
    if (!c.text.starts_with("id,city,ID")) {
      std::string same = c.says;
      if (const auto at = same.find("but the header has"); at != std::string::npos)
        same.replace(at, 18, "but the first line has");
      EXPECT_THAT(draft, HasSubstr(same));
    } else {
      EXPECT_THAT(draft, HasSubstr("the header contains the column ID more than once"));
    }
  }
}

TEST_F(CsvRefusalsTest, Materialize_InvalidValue_ReportsRowColumnTypeAndText) {
  EXPECT_THAT(said("id,city\n1,a\nabc,b\n"), HasSubstr("Row 2: value \"abc\" of id is not an INTEGER."));
  EXPECT_THAT(said("id,city\n3000000000,a\n"),
              HasSubstr("is not an INTEGER. | Declare the column as BIGINT."));
  EXPECT_THAT(said("id,city\nNA,a\n"), HasSubstr("\"null\": [\"\", \"NA\"]"));
  const auto long_text = said("id,city\n" + std::string(50, '9') + ",a\n");
  EXPECT_THAT(long_text, HasSubstr("\"" + std::string(40, '9') + "...\""));
  EXPECT_THAT(said("id,city\n\"a\nb\x1b\",a\n"), HasSubstr("value \"a\\nb\\x1b\" of id"));
  const auto findings = refused("id,city\n1,a\n\n\nx,b\ny,c\n");
  ASSERT_EQ(findings.size(), 1U) << "the first of the column";
  EXPECT_EQ(findings[0].line, 5);
  EXPECT_EQ(findings[0].path, "id");
  dataset_.schema = {{"x", ColumnType::float64}, {"day", ColumnType::date}, {"doc", ColumnType::json}};
  const auto all = refused("x,day,doc\n1,2024-01-01,{}\n\"1,5\",01.02.2024,{a\n");
  ASSERT_EQ(all.size(), 3U) << to_text(all);
  EXPECT_THAT(to_text(all), HasSubstr("value \"1,5\" of x is not a DOUBLE"));
  EXPECT_THAT(to_text(all), HasSubstr("\"decimal\": \",\""));
  EXPECT_THAT(to_text(all), HasSubstr("value \"01.02.2024\" of day is not a DATE"));
  EXPECT_THAT(to_text(all), HasSubstr("value \"{a\" of doc is not valid JSON"));
}

TEST_F(CsvRefusalsTest, Materialize_InvalidTenantValue_IsNotShown) {
  dataset_.tenant_column = 0;
  const auto findings = refused("id,city\nacme-secret,a\n");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(to_text(findings), ::testing::Not(HasSubstr("acme")));
  EXPECT_THAT(findings[0].message, HasSubstr("Row 1: the value of id is not an INTEGER."));
}

TEST_F(CsvRefusalsTest, Materialize_YearOutOfRangeInUtc_ReportsTheRow) {
  dataset_.schema = {{"id", ColumnType::integer}, {"valid_until", ColumnType::timestamp}};
  EXPECT_THAT(
      said("id,valid_until\n1,2024-01-01\n2,9999-12-31 23:59:59-05:00\n"),
      HasSubstr(
          "Row 2: value \"9999-12-31 23:59:59-05:00\" of valid_until is outside the years 0001 to 9999."));
  EXPECT_THAT(said("id,valid_until\n1,0000-06-01\n"), HasSubstr("outside the years 0001 to 9999"));
  dataset_.schema = {{"id", ColumnType::integer}, {"valid_until", ColumnType::date}};
  EXPECT_THAT(said("id,valid_until\n1,0000-06-01\n"), HasSubstr("outside the years 0001 to 9999"));
}

// 40 MB of commas are 39 KB in gzip. DuckDB alone would use gigabytes for the errors about them.
TEST_F(CsvRefusalsTest, Materialize_LineWithTooManyFields_FailsInBoundedMemory) {
  for (const bool in_header : {true, false}) {
    const auto name = root_ / "wide.csv.gz";
    gzFile out = gzopen(name.c_str(), "wb1");
    const std::string commas(1 << 20, ',');
    if (!in_header) gzputs(out, "id,city\n");
    for (int i = 0; i < 40; ++i) gzwrite(out, commas.data(), static_cast<unsigned>(commas.size()));
    gzputs(out, "\n1,a\n");
    gzclose(out);
    // Returns the peak memory since the last call or, if the kernel cannot reset it, since the process
    // started.
    const auto peak = [] {
      std::ifstream status("/proc/self/status");
      std::uint64_t kilobytes = 0;
      for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) kilobytes = std::stoull(line.substr(6));
      }
      std::ofstream("/proc/self/clear_refs") << 5;
      return kilobytes << 10;
    };
    static_cast<void>(peak());
    const auto before = peak();
    const auto findings = refused_file(file_of("wide.csv.gz", manifest::FileFormat::csv));
    ASSERT_FALSE(findings.empty());
    EXPECT_THAT(findings[0].message, HasSubstr("has more than 4096 fields"));
    const auto draft = duckdb::describe_file(name, manifest::FileFormat::csv);
    ASSERT_FALSE(draft);
    EXPECT_THAT(draft.error().message, HasSubstr("has more than 4096 fields"));
    EXPECT_LT(peak(), before + (200ULL << 20));
  }
}

TEST_F(CsvRefusalsTest, Materialize_UndeclaredColumn_WarnsOrFailsWhenExact) {
  const auto file = write("f.csv", "id,extra,city\n1,x,a\n");
  auto request = this->request({file}, std::nullopt);
  const auto built = executor_->materialize(request);
  ASSERT_TRUE(built) << to_text(built.error().findings);
  ASSERT_EQ(built->warnings.size(), 1U);
  EXPECT_EQ(built->warnings[0].severity, catalog::Severity::warning);
  EXPECT_THAT(built->warnings[0].message, HasSubstr("ignored: extra"));
  request.source.manifest.compatibility = manifest::Compatibility::exact;
  const auto exact = executor_->materialize(request);
  ASSERT_FALSE(exact);
  ASSERT_EQ(exact.error().findings.size(), 1U);
  EXPECT_EQ(exact.error().findings[0].code, "schema_data_mismatch");
  EXPECT_EQ(exact.error().findings[0].severity, catalog::Severity::error);
}

TEST_F(CsvRefusalsTest, Materialize_SignedUrl_IsReportedWithoutItsQuery) {
  auto file = write("f.csv", "id,city\nx,a\n");
  file.declared.path = "https://store.example/f.csv?X-Amz-Signature=abc";
  // Compare the field, because to_text() removes queries itself.
  const auto names_it =
      ::testing::ElementsAre(::testing::Field(&catalog::Finding::file, "https://store.example/f.csv"));
  EXPECT_THAT(refused_file(file), names_it);
  file = write("f.csv", "id,citi\nx,a\n");
  file.declared.path = "https://store.example/f.csv?X-Amz-Signature=abc";
  EXPECT_THAT(refused_file(file), names_it);
}

TEST_F(CsvRefusalsTest, Materialize_MissingColumn_ReportsTheHeader) {
  EXPECT_THAT(said("id,citi\n1,a\n"),
              HasSubstr("The header has no column city. It has id, citi. | Did you mean citi?"));
}

}  // namespace
}  // namespace offloader::local_executor
