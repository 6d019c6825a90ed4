#include "param_docs.h"

#include <gtest/gtest.h>

#include "offloader/catalog/load.h"

namespace offloader::admin {
namespace {

class ParamDocs : public ::testing::Test {
 protected:
  void load(const std::string& params, const std::string& filters) {
    const auto loaded = catalog::load_project_files(
        {{"offloader.yml", "version: 1\n"},
         {"datasets/d.yml",
          "id: d\nmanifest: m.json\nschema:\n  - {name: day, type: DATE}\n  - {name: at, type: TIMESTAMP}\n"
          "  - {name: tier, type: VARCHAR}\n  - {name: units, type: BIGINT}\n  - {name: price, type: "
          "DOUBLE}\n"},
         {"endpoints/e.yml", "name: e\nversion: 1\ndataset: d\nparams:\n" + params +
                                 "query:\n  select: [{as: day, column: day}]\n  filters:\n" + filters +
                                 "columns: [day]\n"}});
    ASSERT_NE(loaded.catalog, nullptr) << to_text(loaded.findings);
    endpoint_ = loaded.catalog->endpoints.at("e");
    dataset_ = loaded.catalog->datasets.at("d");
  }
  std::string openapi(std::size_t index) { return openapi_param(endpoint_, dataset_, index).dump(); }
  std::string example(std::size_t index) { return example_value(endpoint_, dataset_, index); }
  std::string details(std::size_t index) {
    Json entry = Json::object();
    add_details(entry, endpoint_.params[index]);
    return entry.dump();
  }

  catalog::Endpoint endpoint_;
  catalog::Dataset dataset_;
};

TEST_F(ParamDocs, OpenApi_List_IsAnArray) {
  load(
      "  - {name: tiers, type: string, list: {max: 9}, example: [\"a,b\", c], max_length: 5, description: "
      "Tiers}\n"
      "  - {name: units, type: integer, list: {max: 2}, default: [1, 2], min: 0}\n",
      "    - {column: tier, op: in, param: tiers}\n    - {column: units, op: not_in, param: units}\n");
  EXPECT_EQ(
      openapi(0),
      R"({"name":"tiers","in":"query","required":false,"description":"Tiers","style":"form","explode":false,)"
      R"("schema":{"type":"array","maxItems":9,"items":{"type":"string","maxLength":5}},"example":["a,b","c"]})");
  EXPECT_EQ(
      openapi(1),
      R"({"name":"units","in":"query","required":false,"style":"form","explode":false,)"
      R"("schema":{"type":"array","maxItems":2,"items":{"type":"integer","format":"int64","minimum":0},)"
      R"("default":[1,2]},"example":[1,2]})");
  EXPECT_EQ(example(0), "\"a,b\",c");
  EXPECT_EQ(example(1), "1,2");
  EXPECT_EQ(details(1), R"({"min":0,"list":{"max":2}})");
}

TEST_F(ParamDocs, OpenApi_Bounds_AreKeywordsOrWords) {
  load(
      "  - {name: price, type: number, min: 20.5, max: 99}\n"
      "  - {name: since, type: date, min: 2026-02-01, default: watermark-29d}\n"
      "  - {name: at, type: timestamp, description: When, max: \"2026-03-01T00:00:00Z\"}\n"
      "  - {name: free, type: boolean}\n",
      "    - {column: price, op: gt, param: price}\n    - {column: day, op: gte, param: since}\n"
      "    - {column: at, op: lt, param: at}\n    - {column: price, op: is_null, param: free}\n");
  EXPECT_EQ(openapi(0), R"({"name":"price","in":"query","required":false,)"
                        R"("schema":{"type":"number","minimum":20.5,"maximum":99},"example":20.5})");
  EXPECT_EQ(openapi(1), R"({"name":"since","in":"query","required":false,)"
                        R"("description":"At least 2026-02-01. Default: watermark-29d.",)"
                        R"("schema":{"type":"string","format":"date"},"example":"2026-02-01"})");
  EXPECT_EQ(
      openapi(2),
      R"({"name":"at","in":"query","required":false,"description":"When. At most 2026-03-01T00:00:00Z.",)"
      R"("schema":{"type":"string","format":"date-time"},"example":"2026-01-31T12:00:00Z"})");
  EXPECT_EQ(openapi(3), R"({"name":"free","in":"query","required":false,"schema":{"type":"boolean"},)"
                        R"("example":true})");
  EXPECT_EQ(details(0), R"({"min":20.5,"max":99})");
}

}  // namespace
}  // namespace offloader::admin
