// Pages that go on where the one before ended: the index and DuckDB give the same bytes and the same ends,
// and together the pages are the whole answer.
#include <cstdio>
#include <cstdlib>
#include <random>

#include "offloader/query/cursor.h"
#include "offloader/query/describe.h"
#include "random_plans.h"

namespace offloader::local_executor {
namespace {

// The end as text, in which a NaN equals itself.
std::string text_of(const std::optional<query::PageEnd>& end) {
  if (!end) return "none";
  query::Cursor keys;
  keys.keys = end->keys;
  std::string text = encode(keys);
  for (const std::int64_t alike : end->alike) text += " " + std::to_string(alike);
  return text;
}

class IndexPages : public RandomPlans {
 protected:
  // Returns the answer to a page, of the index if it gives one, after a comparison with DuckDB's.
  Result<JsonRows> page_of(const query::Plan& plan, const index::Reader& reader) {
    auto expected = by_renderer(plan);
    const index::Lookup lookup = look_up_page(plan, reader);
    if (!expected || !lookup.supported) return expected;
    ++by_index_;
    auto actual = execute_as_json(plan, reader, lookup);
    if (!actual) return actual;
    EXPECT_EQ(actual->json, expected->json);
    EXPECT_EQ(actual->row_count, expected->row_count);
    EXPECT_EQ(actual->has_more, expected->has_more);
    EXPECT_EQ(text_of(actual->end), text_of(expected->end));
    EXPECT_EQ(actual->end.has_value(), actual->has_more);
    return actual;
  }

  // Walks from the plan's page to the end.
  void walk(const query::Plan& first, const index::Reader& reader, std::mt19937& random) {
    query::Plan whole = first;
    whole.limit = 1 << 20;
    whole.wants_end = false;
    const auto expected = by_renderer(whole);
    ASSERT_TRUE(expected) << expected.error().detail;
    query::Plan page = first;
    page.limit = std::max(page.limit, expected->row_count / 20 + 1);
    page.wants_end = true;
    const query::Plan begun = page;
    std::optional<query::Cursor> before;
    std::string rows;
    for (;; ++pages_) {
      const auto answer = page_of(page, reader);
      ASSERT_TRUE(answer) << answer.error().detail;
      ASSERT_FALSE(HasFailure());
      rows += (before && answer->row_count > 0 ? "," : "") + answer->json.substr(1, answer->json.size() - 2);
      if (!answer->has_more) break;
      ASSERT_TRUE(answer->end);
      // Few bytes leave keys out. Another snapshot with the same rows goes on in the same way.
      const std::size_t bytes = random() % 4 == 0 ? random() % 120 : 4096;
      before = query::next_cursor(page, before ? &*before : nullptr, *answer->end, answer->row_count, bytes);
      page = begun;
      ASSERT_TRUE(continue_at(page, *before, random() % 3 != 0));
    }
    ASSERT_EQ("[" + rows + "]", expected->json);
  }

  int by_index_ = 0;
  int pages_ = 0;
};

TEST_F(IndexPages, Walk_RandomPlans_GivesTheWholeAnswer) {
  const char* const given = std::getenv("OFFLOADER_PROPERTY_SEED");
  const auto seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                     : static_cast<unsigned>(std::random_device{}());
  for (const int rows : {1, 200, 3000}) {
    std::mt19937 random(seed);
    make_table(rows, static_cast<int>(seed % 1000));
    const auto reader = index(schema(), 2);
    ASSERT_TRUE(reader);
    for (int i = 0; i < 250; ++i) {
      const query::Plan plan = random_plan(random);
      ASSERT_NO_FATAL_FAILURE(walk(plan, *reader, random))
          << "seed " << seed << " rows " << rows << " plan " << i << "\n"
          << to_text(plan);
      ASSERT_FALSE(HasFailure()) << "seed " << seed << " rows " << rows << " plan " << i << "\n"
                                 << to_text(plan);
    }
  }
  std::printf("%d pages, %d of them by the index\n", pages_, by_index_);
  EXPECT_GT(by_index_, pages_ / 10);
  EXPECT_GT(pages_, 100);
}

}  // namespace
}  // namespace offloader::local_executor
