#include "search.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

namespace offloader::index {
namespace {

// Fewer rows than this are searched by bisection alone. They fit into a few cache lines, so a guess would
// save nothing.
constexpr std::uint32_t kGuessed = 256;
// The size of the first step away from a guess, in rows.
constexpr std::uint32_t kNear = 64;

template <typename Stored, bool kFloating>
class SortedKeys {
 public:
  // `keys`: an array of keys of the column, one per row or per run.
  SortedKeys(const Column& column, const std::byte* keys)
      : keys_(reinterpret_cast<const Stored*>(keys)),
        scale_(1.0 / (static_cast<double>(column.max_key) + 1.0)) {}

  // The first row of [begin, end) whose key is not below `key`.
  [[nodiscard]] std::uint32_t lower(std::uint32_t begin, std::uint32_t end, std::uint64_t key) const {
    // Branchless, since half of the branches would be mispredicted.
    while (begin < end) {
      const std::uint32_t half = (end - begin) / 2;
      // Without branch prediction nothing is fetched speculatively, so prefetch both possible next rows.
      __builtin_prefetch(keys_ + begin + half / 2);
      __builtin_prefetch(keys_ + begin + half + half / 2);
      const bool below = at(begin + half) < key;
      begin = below ? begin + half + 1 : begin;
      end = below ? end : begin + half;
    }
    return begin;
  }

  // The same, starting at a guess: moves away from it in doubling steps until the row is bracketed, and then
  // bisects.
  [[nodiscard]] std::uint32_t lower_from(std::uint32_t guess, Range range, std::uint64_t key) const {
    if (range.begin >= range.end) return range.begin;
    guess = std::clamp(guess, range.begin, range.end - 1);
    std::uint64_t step = kNear;
    if (at(guess) < key) {
      range.begin = guess + 1;
      for (std::uint64_t next = guess + step; next < range.end; next += step *= 2) {
        if (at(static_cast<std::uint32_t>(next)) >= key) {
          range.end = static_cast<std::uint32_t>(next);
          break;
        }
        range.begin = static_cast<std::uint32_t>(next) + 1;
      }
    } else {
      range.end = guess;
      for (; step <= range.end - range.begin; step *= 2) {
        const auto next = static_cast<std::uint32_t>(range.end - step);
        if (at(next) < key) {
          range.begin = next + 1;
          break;
        }
        range.end = next;
      }
    }
    return lower(range.begin, range.end, key);
  }

  [[nodiscard]] Range between(Range range, std::uint64_t low, std::uint64_t high) const {
    const bool to_the_end = high == std::numeric_limits<std::uint64_t>::max();
    if (kFloating || range.end - range.begin < kGuessed) {
      range.begin = lower(range.begin, range.end, low);
      if (!to_the_end) range.end = lower(range.begin, range.end, high + 1);
      return range;
    }
    const std::uint32_t first = guess(range, low);
    const std::uint32_t last = to_the_end ? range.end : guess(range, high + 1);
    __builtin_prefetch(keys_ + last);
    __builtin_prefetch(keys_ + last - std::min(last, kNear));
    range.begin = lower_from(first, range, low);
    if (!to_the_end) range.end = lower_from(last, range, high + 1);
    return range;
  }

 private:
  [[nodiscard]] std::uint64_t at(std::uint32_t row) const {
    const std::uint64_t key = keys_[row];
    return kFloating ? unify_zero(key) : key;
  }
  [[nodiscard]] std::uint32_t guess(Range range, std::uint64_t key) const {
    const double share = std::min(static_cast<double>(key) * scale_, 1.0);
    return range.begin + static_cast<std::uint32_t>(share * static_cast<double>(range.end - range.begin));
  }

  const Stored* keys_;
  double scale_;
};

// The codes at which texts were found, by the texts' hash. One per thread, shared by all indexes.
struct Remembered {
  static constexpr std::size_t kPlaces = 4096;
  std::array<std::uint32_t, kPlaces> codes{};

  std::uint32_t& of(std::string_view text) { return codes[std::hash<std::string_view>{}(text) % kPlaces]; }
};

std::uint64_t search_code(const Column& column, std::string_view text) {
  std::uint64_t low = 0;
  std::uint64_t high = column.dictionary.texts.count;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (column.dictionary.texts.at(middle) < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

Range rows_between(const Column& column, Range range, std::uint64_t low, std::uint64_t high) {
  if (column.type == catalog::ColumnType::float64) {
    return SortedKeys<std::uint64_t, true>(column, column.values)
        .between(range, unify_zero(low), unify_zero(high));
  }
  return with_width(column.width, [&]<typename Stored>(Stored) {
    return SortedKeys<Stored, false>(column, column.values).between(range, low, high);
  });
}

Range runs_between(const RunDirectory& directory, Range runs, std::uint64_t low, std::uint64_t high) {
  const Column& column = *directory.column;
  return with_width(column.width, [&]<typename Stored>(Stored) {
    return SortedKeys<Stored, false>(column, directory.keys).between(runs, low, high);
  });
}

std::uint64_t lower_code(const Column& column, std::string_view text) {
  thread_local Remembered remembered;
  std::uint32_t& place = remembered.of(text);
  // The texts of a dictionary are distinct and sorted, so an equal text is the first that is not less.
  if (place < column.dictionary.texts.count && column.dictionary.texts.at(place) == text) return place;
  const std::uint64_t code = search_code(column, text);
  if (code <= std::numeric_limits<std::uint32_t>::max()) place = static_cast<std::uint32_t>(code);
  return code;
}

}  // namespace offloader::index
