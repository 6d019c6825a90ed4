#include "offloader/base/time_format.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "offloader/base/ascii.h"

namespace offloader {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::size_t kMaxPattern = 100;
constexpr std::string_view kCodes = "YymdbBHIpMSfzj%";
constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

bool take_word(std::string_view& text, std::string_view word) {
  if (!ascii::istarts_with(text, word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// Takes `least` to `most` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t most, std::size_t least = 1) {
  int value = 0;
  std::size_t count = 0;
  for (; count < most && count < text.size() && ascii::is_digit(text[count]); ++count)
    value = value * 10 + (text[count] - '0');
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

struct Fields {
  int year = 1970;
  int month = 1;
  int day = 1;
  int day_of_year = 0;  // 0: not given
  int hour = 0;
  bool twelve = false;
  bool afternoon = false;
  int minute = 0;
  int second = 0;
  int micros = 0;
  int offset = 0;  // minutes east of UTC

  [[nodiscard]] std::optional<std::int64_t> value() const {
    int hours = hour;
    if (twelve) {
      if (hour < 1 || hour > 12) return std::nullopt;
      hours = hour % 12 + (afternoon ? 12 : 0);
    }
    if (hours > 23 || minute > 59 || second > 59) return std::nullopt;
    std::chrono::sys_days days;
    if (day_of_year > 0) {
      const std::chrono::year in{year};
      if (day_of_year > (in.is_leap() ? 366 : 365)) return std::nullopt;
      days = std::chrono::sys_days{in / std::chrono::January / 1} + std::chrono::days{day_of_year - 1};
    } else {
      const std::chrono::year_month_day date{std::chrono::year{year},
                                             std::chrono::month{static_cast<unsigned>(month)},
                                             std::chrono::day{static_cast<unsigned>(day)}};
      if (!date.ok()) return std::nullopt;
      days = date;
    }
    const std::int64_t minutes = days.time_since_epoch().count() * 1440LL + hours * 60LL + minute - offset;
    return (minutes * 60 + second) * kMicrosPerSecond + micros;
  }
};

bool take_number_into(std::string_view& text, std::size_t most, int& out, std::size_t least = 1) {
  const auto number = take_number(text, most, least);
  if (number) out = *number;
  return number.has_value();
}

bool take_fraction(std::string_view& text, int& micros) {
  int unit = kMicrosPerSecond / 10;
  std::size_t digits = 0;
  micros = 0;
  for (; digits < 9 && !text.empty() && ascii::is_digit(text.front()); ++digits) {
    micros += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return digits > 0;
}

bool take_offset(std::string_view& text, int& offset) {
  if (take_word(text, "z")) return true;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const bool west = text.front() == '-';
  text.remove_prefix(1);
  const auto hours = take_number(text, 2, 2);
  if (!hours || *hours > 23) return false;
  int minutes = 0;
  const bool colon = take_word(text, ":");
  if (const auto rest = take_number(text, 2, 2)) {
    minutes = *rest;
  } else if (colon) {
    return false;
  }
  if (minutes > 59) return false;
  offset = (west ? -1 : 1) * (*hours * 60 + minutes);
  return true;
}

bool take_month(std::string_view& text, bool whole, int& month) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (take_word(text, whole ? kMonths[i] : kMonths[i].substr(0, 3))) {
      month = static_cast<int>(i) + 1;
      return true;
    }
  }
  return false;
}

bool take_part(char code, std::string_view& text, Fields& out) {
  switch (code) {
    case 'Y':
      return take_number_into(text, 4, out.year, 4);
    case 'y':
      if (!take_number_into(text, 2, out.year, 2)) return false;
      out.year += out.year < 69 ? 2000 : 1900;
      return true;
    case 'm':
      return take_number_into(text, 2, out.month);
    case 'd':
      return take_number_into(text, 2, out.day);
    case 'j':
      return take_number_into(text, 3, out.day_of_year) && out.day_of_year > 0;
    case 'b':
      return take_month(text, false, out.month);
    case 'B':
      return take_month(text, true, out.month);
    case 'I':
      out.twelve = true;
      return take_number_into(text, 2, out.hour);
    case 'H':
      return take_number_into(text, 2, out.hour);
    case 'p':
      out.afternoon = take_word(text, "pm");
      return out.afternoon || take_word(text, "am");
    case 'M':
      return take_number_into(text, 2, out.minute);
    case 'S':
      return take_number_into(text, 2, out.second);
    case 'f':
      return take_fraction(text, out.micros);
    case 'z':
      return take_offset(text, out.offset);
    default:
      return false;
  }
}

}  // namespace

tl::expected<TimeFormat, std::string> TimeFormat::parse(std::string_view pattern) {
  if (pattern.size() > kMaxPattern)
    return tl::unexpected<std::string>("the pattern is longer than 100 characters");
  TimeFormat out;
  std::string used;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out.parts_.push_back({'\0', pattern[i]});
      continue;
    }
    const char code = ++i < pattern.size() ? pattern[i] : '\0';
    if (code == '\0' || kCodes.find(code) == std::string_view::npos) {
      return tl::unexpected<std::string>("\"%\" must be followed by one of Y y m d b B H I p M S f z j %");
    }
    if (code == '%') {
      out.parts_.push_back({'\0', '%'});
      continue;
    }
    if (used.find(code) != std::string::npos)
      return tl::unexpected<std::string>(fmt::format("%{} appears more than once", code));
    used += code;
    out.parts_.push_back({code, '\0'});
  }
  const auto has = [&](std::string_view codes) { return used.find_first_of(codes) != std::string::npos; };
  if (!has("Yy") || !(has("j") || (has("mbB") && has("d"))))
    return tl::unexpected<std::string>(
        "the pattern must contain a year, a month and a day (%Y, %m and %d, or %Y and %j)");
  if (has("I") != has("p")) return tl::unexpected<std::string>("%I and %p must be used together");
  return out;
}

std::optional<std::int64_t> TimeFormat::read(std::string_view text) const {
  Fields fields;
  for (const Part& part : parts_) {
    if (part.code == '\0') {
      if (text.empty() || text.front() != part.literal) return std::nullopt;
      text.remove_prefix(1);
    } else if (!take_part(part.code, text, fields)) {
      return std::nullopt;
    }
  }
  if (!text.empty()) return std::nullopt;
  return fields.value();
}

}  // namespace offloader
