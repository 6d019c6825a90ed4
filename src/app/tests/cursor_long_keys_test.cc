// Cursors after rows whose order keys are long texts (consumer-api.md, "Cursors").

#include <fmt/format.h>

#include "cursor_scene.h"
#include "offloader/base/file.h"

namespace offloader::app {
namespace {

using nlohmann::json;

constexpr int kRows = 60;

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  ASSERT_TRUE(write_file_atomically(path, text));
}

void write_endpoint(const std::filesystem::path& root, const std::string& name, const std::string& columns,
                    const std::string& order, const std::string& more = "") {
  std::string select;
  for (const std::string_view column : {"part", "text", "id"}) {
    if (columns.find(column) != std::string::npos)
      select += fmt::format("{}{{as: {}, column: {}}}", select.empty() ? "" : ", ", column, column);
  }
  write(root / "endpoints" / (name + ".yml"),
        fmt::format("name: {}\nversion: 1\ndataset: texts\nquery:\n  select: [{}]\n  order_by: [{}]\n{}"
                    "columns: [{}]\npagination: {{default_limit: 20, max_limit: 1000, cursor: true}}\n",
                    name, select, order, more, columns));
}

// A text of `size` bytes. Only its end tells it from others.
std::string text_of(std::size_t size, int number) {
  return std::string(size, 'a') + fmt::format("{:03}", number);
}

class CursorLongKeys : public CursorScene {
 protected:
  // Each text has `size` bytes; every third row has the text of the one before it.
  void start_with(std::size_t size) {
    const auto root = project();
    write(root / "offloader.yml", "version: 1\nauth: none\n");
    write(root / "datasets/texts.yml",
          "id: texts\nmanifest: data/texts.json\nschema: [{name: part, type: INTEGER}, {name: text, type: "
          "VARCHAR}, {name: id, type: INTEGER}]\n");
    write_endpoint(root, "by_text", "part, text, id", "{column: text}");
    write_endpoint(root, "backward", "part, text, id", "{column: text, dir: desc}");
    write_endpoint(root, "by_part", "part, text, id", "{column: part}, {column: text}");
    write_endpoint(root, "alike", "part, text", "{column: part, dir: desc}");
    write_endpoint(root, "groups", "part, text", "{column: part}", "  group_by: [part, text]\n");
    std::string csv = "part,text,id\n";
    for (int i = 0; i < kRows; ++i) {
      const int number = i * 37 % kRows;
      csv += fmt::format("{},{},{}\n", number % 4, text_of(size, number - (number % 3 == 2 ? 1 : 0)), i);
    }
    write(root / "data/texts.csv", csv);
    write(
        root / "data/texts.json",
        fmt::format(
            R"j({{"dataset_id":"texts","snapshot_id":"s1","created_at":"2026-01-01T00:00:00Z",)j"
            R"j("watermark":"2026-01-01T00:00:00Z","schema":[{{"name":"part","type":"INTEGER"}},)j"
            R"j({{"name":"text","type":"VARCHAR"}},{{"name":"id","type":"INTEGER"}}],)j"
            R"j("files":[{{"path":"texts.csv","format":"csv"}}],"partition_columns":[],"sort_columns":[],)j"
            R"j("row_count":{},"size_bytes":1,"producer":"test","upstream_run_id":"run","schema_version":1,)j"
            R"j("data_quality_status":"passed","compatibility_policy":"exact"}})j",
            kRows));
    boot();
  }

  json whole(const std::string& endpoint) { return parsed(post(endpoint, {{"limit", 1000}}))["data"]; }

  // Walks with POST to the end. Returns the length of the longest cursor.
  std::size_t expect_walk(const std::string& endpoint, std::size_t size) {
    const json expected = whole(endpoint);
    json rows = json::array();
    std::size_t longest = 0;
    json params = {{"limit", size}};
    for (std::size_t pages = 0; pages <= expected.size(); ++pages) {
      const Answer answer = post(endpoint, params);
      const json body = parsed(answer);
      EXPECT_EQ(answer.status, 200) << answer.body.substr(0, 500);
      if (!body.contains("data")) return longest;
      for (const json& row : body["data"]) rows.push_back(row);
      if (body["meta"]["next_cursor"].is_null()) break;
      params["cursor"] = body["meta"]["next_cursor"];
      const std::string cursor = params["cursor"].get<std::string>();
      longest = std::max(longest, cursor.size());
      // The same page by GET has a Link only if the cursor is short.
      const Answer same = get(endpoint, "limit=" + std::to_string(size));
      const json first = parsed(same);
      EXPECT_EQ(same.headers.contains("link"),
                first["meta"]["next_cursor"].get<std::string>().size() <= 1024);
    }
    EXPECT_EQ(rows.size(), expected.size()) << endpoint << " by " << size;
    EXPECT_TRUE(rows == expected) << endpoint << " by " << size;
    EXPECT_LE(longest, 4096U);
    return longest;
  }
};

TEST_P(CursorLongKeys, Walk_TextsOfFiveKibibytes_IsWholeAndHasShortCursors) {
  ASSERT_NO_FATAL_FAILURE(start_with(5 << 10));
  for (const char* const endpoint : {"by_text", "backward", "by_part", "alike", "groups"}) {
    for (const std::size_t size : {1, 2, 7, 59}) EXPECT_LE(expect_walk(endpoint, size), 1024U) << endpoint;
  }
}

TEST_P(CursorLongKeys, Walk_TextsPastOneKibibyte_GoesByPostAndHasNoLink) {
  ASSERT_NO_FATAL_FAILURE(start_with(1500));
  for (const char* const endpoint : {"by_text", "backward", "by_part", "alike", "groups"}) {
    for (const std::size_t size : {1, 2, 7, 59}) EXPECT_GT(expect_walk(endpoint, size), 1024U) << endpoint;
  }
}

TEST_P(CursorLongKeys, Walk_TextsAroundTheGreatestLength_IsWhole) {
  // Two keys of such a row just fit into 4 KiB, and the third does not.
  ASSERT_NO_FATAL_FAILURE(start_with(2740));
  EXPECT_GT(expect_walk("by_part", 7), 3000U);
  for (const char* const endpoint : {"by_text", "backward", "alike", "groups"}) expect_walk(endpoint, 3);
}

INSTANTIATE_TEST_SUITE_P(Engines, CursorLongKeys, ::testing::Bool(), engine_name);

}  // namespace
}  // namespace offloader::app
