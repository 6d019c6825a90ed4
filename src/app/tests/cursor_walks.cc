#include "cursor_walks.h"

#include <algorithm>

namespace offloader::app {

void CursorWalks::learn(std::vector<items::Item> rows) {
  const std::string id = "s" + std::to_string(number_);
  active_ = id;
  rows_[id] = std::move(rows);
  std::vector<std::string> endpoints = items::endpoints();
  endpoints.emplace_back("strict");
  for (const std::string& endpoint : endpoints) {
    const json answer = all(endpoint);
    ASSERT_TRUE(answer.is_array()) << answer;
    const items::RowOrder order = items::order_of(endpoint);
    ASSERT_TRUE(std::is_sorted(answer.begin(), answer.end(),
                               [&](const json& a, const json& b) { return items::compare(order, a, b) < 0; }))
        << endpoint << " " << answer;
    whole_[id][endpoint] = answer;
  }
}

void CursorWalks::begin(std::vector<items::Item> rows) {
  number_ = 1;
  ASSERT_NO_FATAL_FAILURE(start(rows));
  learn(std::move(rows));
}

void CursorWalks::publish(std::vector<items::Item> rows) {
  ASSERT_NO_FATAL_FAILURE(swap(++number_, rows));
  previous_ = active_;
  learn(std::move(rows));
}

void CursorWalks::go_back(bool force) {
  ASSERT_NO_FATAL_FAILURE(roll_back(force));
  std::swap(active_, previous_);
  quarantined_ = previous_;
}

void CursorWalks::advance(Walk& walk, std::size_t size) {
  std::string expected = active_;
  const bool goes_on = walk.snapshot == active_ || (walk.snapshot == previous_ && previous_ != quarantined_);
  const bool moves = !walk.cursor.empty() && !goes_on;
  if (!walk.cursor.empty() && goes_on) expected = walk.snapshot;

  const Answer answer = get(
      walk.endpoint, "limit=" + std::to_string(size) + (walk.cursor.empty() ? "" : "&cursor=" + walk.cursor));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json body = parsed(answer);
  const json& meta = body["meta"];
  const std::string where = walk.endpoint + " by " + std::to_string(size) + " after " +
                            std::to_string(walk.given.size()) + " rows in " + walk.snapshot + ": " +
                            answer.body;
  ASSERT_EQ(meta["snapshot_id"], expected) << where;
  // Only a request with a cursor is told.
  ASSERT_EQ(meta.contains("snapshot_changed"), !walk.cursor.empty()) << where;
  ASSERT_EQ(meta.value("snapshot_changed", false), moves) << where;
  const json rest = walk.model.rest(whole(expected, walk.endpoint));
  json page = json::array();
  for (std::size_t i = 0; i < std::min(size, rest.size()); ++i) page.push_back(rest[i]);
  ASSERT_EQ(body["data"], page) << where;
  ASSERT_EQ(meta["row_count"], page.size()) << where;
  ASSERT_EQ(meta["has_more"], rest.size() > size) << where;
  ASSERT_EQ(meta["next_cursor"].is_string(), rest.size() > size) << where;

  walk.model.give(page);
  for (const json& row : page) walk.given.push_back(row);
  walk.snapshot = expected;
  if (moves) ++walk.moves;
  walk.ended = meta["next_cursor"].is_null();
  walk.cursor = walk.ended ? "" : meta["next_cursor"].get<std::string>();
}

void CursorWalks::finish(Walk& walk, std::size_t size) {
  while (!walk.ended) ASSERT_NO_FATAL_FAILURE(advance(walk, size));
}

std::vector<items::Item> changed(std::vector<items::Item> rows, std::mt19937_64& random) {
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  const std::vector<items::Item> fresh = items::random_items(random(), 40);
  std::vector<items::Item> out;
  for (items::Item& row : rows) {
    const items::Item& other = fresh[below(fresh.size())];
    switch (below(8)) {
      case 0:
        continue;  // it is gone
      case 1:
        row.price = other.price;
        break;
      case 2:
        row.kind = other.kind;
        row.size = other.size;
        break;
      case 3:
        out.push_back(row);  // there is one more of it
        break;
      default:
        break;
    }
    out.push_back(row);
  }
  for (std::size_t i = below(20); i > 0; --i) out.push_back(fresh[below(fresh.size())]);
  std::shuffle(out.begin(), out.end(), random);
  return out;
}

}  // namespace offloader::app
