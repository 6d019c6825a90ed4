#include "offloader/base/timestamp.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

#include "offloader/base/ascii.h"

namespace offloader {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// Takes exactly `count` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int32_t> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
}

// HH:MM[:SS[.fraction]], returned as microseconds since midnight.
std::optional<std::int64_t> take_time(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t micros = (*hour * 60LL + *minute) * 60 * kMicrosPerSecond;
  if (!take(text, ':')) return micros;
  const auto second = take_digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  micros += *second * kMicrosPerSecond;
  if (!take(text, '.') && !take(text, ',')) return micros;
  std::int64_t unit = kMicrosPerSecond / 10;
  std::size_t digits = 0;
  for (; !text.empty() && ascii::is_digit(text.front()); text.remove_prefix(1), ++digits) {
    micros += (text.front() - '0') * unit;
    unit /= 10;
  }
  if (digits == 0 || digits > 18) return std::nullopt;
  return micros;
}

// Z, +hh:mm, +hhmm or +hh, returned as minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!west && (text.empty() || text.front() != '+')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23) return std::nullopt;
  int minutes = *hours * 60;
  if (!text.empty()) {
    take(text, ':');
    const auto rest = take_digits(text, 2);
    if (!rest || *rest > 59) return std::nullopt;
    minutes += *rest;
  }
  return west ? -minutes : minutes;
}

struct Parts {
  std::int64_t micros = 0;
  bool has_time = false;
  bool has_offset = false;
};

std::optional<Parts> parse_parts(std::string_view text) {
  const auto days = take_date(text);
  if (!days) return std::nullopt;
  Parts parts{.micros = *days * kMicrosPerDay};
  if (text.empty()) return parts;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const auto time = take_time(text);
  if (!time) return std::nullopt;
  parts.micros += *time;
  parts.has_time = true;
  if (text.empty()) return parts;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  parts.micros -= *offset * 60LL * kMicrosPerSecond;
  parts.has_offset = true;
  return parts;
}

void append_year(std::string& out, int year) {
  if (year >= 0 && year <= 9999) {
    fmt::format_to(std::back_inserter(out), "{:04}", year);
  } else {
    fmt::format_to(std::back_inserter(out), "{:+05}", year);
  }
}

void append_two(std::string& out, unsigned value) {
  out.push_back(static_cast<char>('0' + value / 10 % 10));
  out.push_back(static_cast<char>('0' + value % 10));
}

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
  const auto days = take_date(text);
  if (!days || !text.empty()) return std::nullopt;
  return days;
}

std::optional<SystemTime> parse_iso8601(std::string_view text) {
  const auto parts = parse_parts(text);
  if (!parts || !parts->has_time || !parts->has_offset) return std::nullopt;
  return SystemTime{std::chrono::microseconds{parts->micros}};
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  const auto parts = parse_parts(text);
  if (!parts) return std::nullopt;
  return parts->micros;
}

void append_date(std::string& out, std::int32_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  append_year(out, static_cast<int>(date.year()));
  out.push_back('-');
  append_two(out, static_cast<unsigned>(date.month()));
  out.push_back('-');
  append_two(out, static_cast<unsigned>(date.day()));
}

void append_timestamp(std::string& out, std::int64_t micros) {
  std::int64_t days = micros / kMicrosPerDay;
  std::int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  append_date(out, static_cast<std::int32_t>(days));
  const auto seconds = static_cast<unsigned>(rest / kMicrosPerSecond);
  out.push_back('T');
  append_two(out, seconds / 3600);
  out.push_back(':');
  append_two(out, seconds / 60 % 60);
  out.push_back(':');
  append_two(out, seconds % 60);
  auto fraction = static_cast<unsigned>(rest % kMicrosPerSecond);
  if (fraction == 0) return;
  out.push_back('.');
  for (unsigned unit = 100'000; fraction != 0; unit /= 10) {
    out.push_back(static_cast<char>('0' + fraction / unit));
    fraction %= unit;
  }
}

std::string to_rfc3339(SystemTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::string out;
  append_timestamp(out, seconds * kMicrosPerSecond);
  out.push_back('Z');
  return out;
}

}  // namespace offloader
