#include "offloader/base/identifier.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "offloader/base/ascii.h"

namespace offloader {
namespace {

// The work of one search, in cells of the distance table. A longer list of candidates is searched only in
// part, because a spelling hint is not worth more time.
constexpr std::size_t kMostCells = 1'000'000;

// Returns the Levenshtein distance if it is at most `limit`. Only cells within `limit` of the diagonal are
// computed. Their number is subtracted from `cells`.
std::optional<std::size_t> distance_within(std::string_view a, std::string_view b, std::size_t limit,
                                           std::size_t& cells) {
  if ((a.size() > b.size() ? a.size() - b.size() : b.size() - a.size()) > limit) return std::nullopt;
  const std::size_t beyond = limit + 1;
  std::vector<std::size_t> row(b.size() + 1, beyond);
  for (std::size_t j = 0; j <= std::min(b.size(), limit); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const std::size_t first = i > limit ? i - limit : 0;
    const std::size_t last = std::min(b.size(), i + limit);
    cells -= std::min(cells, last - first + 1);
    std::size_t diagonal = first == 0 ? i - 1 : row[first - 1];
    std::size_t smallest = beyond;
    for (std::size_t j = first; j <= last; ++j) {
      std::size_t cell = i;  // the value in the first column
      if (j > 0) {
        const std::size_t left = j == first ? beyond : row[j - 1];
        cell = std::min({row[j] + 1, left + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
        diagonal = row[j];
      }
      row[j] = std::min(cell, beyond);
      smallest = std::min(smallest, row[j]);
    }
    if (first > 0) row[first - 1] = beyond;
    if (smallest > limit) return std::nullopt;
  }
  return row[b.size()] <= limit ? std::optional(row[b.size()]) : std::nullopt;
}

}  // namespace

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= 63 && ascii::is_lower(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return ascii::is_lower(c) || ascii::is_digit(c) || c == '_'; });
}

bool is_column_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 &&
         std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '_'; });
}

bool is_snapshot_id(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return ascii::is_alnum(c) || c == ':' || c == '_' || c == '.' || c == '-';
  });
}

std::optional<std::string> nearest_match(std::string_view text, std::span<const std::string> candidates) {
  if (text.size() > 200) return std::nullopt;
  std::size_t limit = std::max<std::size_t>(1, text.size() / 3);
  std::size_t cells = kMostCells;
  std::optional<std::string> best;
  for (const std::string& candidate : candidates) {
    cells -= std::min<std::size_t>(cells, 1);
    if (cells == 0) break;
    const auto found = distance_within(text, candidate, limit, cells);
    if (!found) continue;
    best = candidate;
    if (*found == 0) break;
    limit = *found - 1;  // from now on accept only a nearer candidate
  }
  return best;
}

}  // namespace offloader
