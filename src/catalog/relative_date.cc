#include "offloader/catalog/relative_date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace offloader::catalog {
namespace {

constexpr std::size_t kMostDigits = 5;
constexpr std::string_view kToday = "today";
constexpr std::string_view kWatermark = "watermark";

struct Word {
  std::string_view name;
  RelativeDate::Unit unit;
  std::int32_t times;
};
constexpr std::array<Word, 4> kWords = {{{"d", RelativeDate::Unit::day, 1},
                                         {"w", RelativeDate::Unit::day, 7},
                                         {"mo", RelativeDate::Unit::month, 1},
                                         {"y", RelativeDate::Unit::month, 12}}};

}  // namespace

std::int32_t RelativeDate::resolve(std::int32_t today, std::int32_t watermark) const {
  using std::chrono::days;
  using std::chrono::sys_days;
  using std::chrono::year;
  using std::chrono::year_month_day;
  constexpr auto kFirst = sys_days{year{0} / 1 / 1};
  constexpr auto kLast = sys_days{year{9999} / 12 / 31};
  const sys_days start = std::clamp(sys_days{days{base == Base::today ? today : watermark}}, kFirst, kLast);
  sys_days moved = start;
  if (unit == Unit::day) {
    moved = start + days{amount};
  } else {
    const year_month_day from{start};
    // Counted by hand, because years of the calendar types end at 32767.
    const std::int64_t months = static_cast<int>(from.year()) * 12LL +
                                (static_cast<unsigned>(from.month()) - 1) + std::int64_t{amount};
    if (months < 0) return static_cast<std::int32_t>(kFirst.time_since_epoch().count());
    if (months > 9999 * 12 + 11) return static_cast<std::int32_t>(kLast.time_since_epoch().count());
    const auto month =
        year{static_cast<int>(months / 12)} / std::chrono::month(static_cast<unsigned>(months % 12 + 1));
    const year_month_day same = month / from.day();
    moved = same.ok() ? sys_days{same} : sys_days{month / std::chrono::last};
  }
  return static_cast<std::int32_t>(std::clamp(moved, kFirst, kLast).time_since_epoch().count());
}

bool looks_relative(std::string_view text) {
  return text.starts_with(kToday) || text.starts_with(kWatermark);
}

std::optional<RelativeDate> parse_relative_date(std::string_view text) {
  RelativeDate date;
  if (text.starts_with(kToday)) {
    text.remove_prefix(kToday.size());
  } else if (text.starts_with(kWatermark)) {
    date.base = RelativeDate::Base::watermark;
    text.remove_prefix(kWatermark.size());
  } else {
    return std::nullopt;
  }
  if (text.empty()) return date;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  const bool back = text.front() == '-';
  text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > kMostDigits) return std::nullopt;
  std::int32_t amount = 0;
  std::from_chars(text.data(), text.data() + digits, amount);
  const auto word = std::find_if(kWords.begin(), kWords.end(),
                                 [&](const Word& each) { return each.name == text.substr(digits); });
  if (word == kWords.end()) return std::nullopt;
  date.unit = amount == 0 ? RelativeDate::Unit::day : word->unit;  // one meaning, one form
  date.amount = (back ? -amount : amount) * word->times;
  return date;
}

std::string to_text(const RelativeDate& date) {
  std::string text(date.base == RelativeDate::Base::today ? kToday : kWatermark);
  if (date.amount == 0) return text;
  if (date.amount > 0) text += '+';
  text += std::to_string(date.amount);
  text += date.unit == RelativeDate::Unit::day ? "d" : "mo";
  return text;
}

}  // namespace offloader::catalog
