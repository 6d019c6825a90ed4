#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "offloader/base/crypto.h"
#include "offloader/snapshot_cache/cache_folder.h"

namespace offloader::snapshot_cache {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

SnapshotRecord record() {
  SnapshotRecord made;
  made.snapshot_id = "s1";
  made.schema = {{"b", catalog::ColumnType::boolean}, {"i", catalog::ColumnType::integer},
                 {"l", catalog::ColumnType::bigint},  {"x", catalog::ColumnType::float64},
                 {"d", catalog::ColumnType::date},    {"t", catalog::ColumnType::timestamp},
                 {"v", catalog::ColumnType::varchar}, {"j", catalog::ColumnType::json}};
  made.files = {{.path = "a.csv", .format = manifest::FileFormat::csv, .row_count = {}, .size_bytes = {}},
                {.path = "b", .format = manifest::FileFormat::parquet, .row_count = {}, .size_bytes = {}}};
  return made;
}

// Returns the JSON of record() after `change`, with a matching checksum.
std::string resealed(const std::function<void(json&)>& change) {
  json whole = json::parse(to_json(record()));
  change(whole["record"]);
  whole["checksum"] = to_hex(sha256(whole["record"].dump())).substr(0, 32);
  return whole.dump();
}

TEST(SnapshotRecord, ToJson_TypesAndFormats_HaveStableNumbers) {
  const json body = json::parse(to_json(record()))["record"];
  for (std::size_t i = 0; i < record().schema.size(); ++i) EXPECT_EQ(body["schema"][i]["type"], i);
  EXPECT_EQ(body["files"][0]["format"], 0);
  EXPECT_EQ(body["files"][1]["format"], 1);
}

TEST(SnapshotRecord, Parse_WrittenRecord_RoundTrips) {
  const auto read = parse_record(resealed([](json&) {}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->schema, record().schema);
  EXPECT_EQ(read->files[0].format, manifest::FileFormat::csv);
  EXPECT_EQ(read->files[1].format, manifest::FileFormat::parquet);
}

TEST(SnapshotRecord, Parse_UnknownTypeOrFormatNumber_Fails) {
  EXPECT_FALSE(parse_record(resealed([](json& body) { body["schema"][0]["type"] = 8; })));
  EXPECT_FALSE(parse_record(resealed([](json& body) { body["schema"][0]["type"] = -1; })));
  EXPECT_FALSE(parse_record(resealed([](json& body) { body["files"][0]["format"] = 2; })));
  EXPECT_FALSE(parse_record(resealed([](json& body) { body["files"][0]["format"] = -1; })));
}

// After an upgrade, snapshots must still match the contract that they were built for.
TEST(SnapshotRecord, ContractChecksum_KnownContract_IsStable) {
  catalog::Dataset dataset;
  int number = 0;
  for (const auto type :
       {catalog::ColumnType::boolean, catalog::ColumnType::integer, catalog::ColumnType::bigint,
        catalog::ColumnType::float64, catalog::ColumnType::date, catalog::ColumnType::timestamp,
        catalog::ColumnType::varchar, catalog::ColumnType::json}) {
    dataset.schema.push_back({"c" + std::to_string(number++), type});
  }
  EXPECT_EQ(contract_checksum(dataset), "8f72411ffe9774cabc720a10917a747e");
}

TEST(SnapshotRecord, ToJson_PresignedUrls_DropsTheSignature) {
  SnapshotRecord record;
  record.snapshot_id = "s1";
  record.build = "b1";
  record.files.emplace_back().path = "https://b.example/part-0.csv?X-Amz-Signature=5ec2e7&hmac=5ec2e7";
  record.files.emplace_back().path = "a name/with?a mark.csv";
  const std::string text = to_json(record);
  EXPECT_THAT(text, Not(HasSubstr("5ec2e7")));
  const auto read = parse_record(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->files[0].path, "https://b.example/part-0.csv");
  EXPECT_EQ(read->files[1].path, "a name/with?a mark.csv") << "is no URL";
}

}  // namespace
}  // namespace offloader::snapshot_cache
