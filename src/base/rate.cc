#include "offloader/base/rate.h"

#include <charconv>

#include "offloader/base/ascii.h"

namespace offloader {

std::optional<Rate> parse_rate(std::string_view text) {
  Rate rate;
  const char* const end = text.data() + text.size();
  // from_chars() accepts no sign for an unsigned number, but leading zeros.
  if (text.empty() || !ascii::is_digit(text.front()) || text.front() == '0') return std::nullopt;
  const auto [unit, error] = std::from_chars(text.data(), end, rate.count);
  if (error != std::errc{} || rate.count > Rate::kMostCount) return std::nullopt;
  const std::string_view rest(unit, static_cast<std::size_t>(end - unit));
  if (rest == "/s") {
    rate.seconds = 1;
  } else if (rest == "/m") {
    rate.seconds = 60;
  } else if (rest == "/h") {
    rate.seconds = 3600;
  } else {
    return std::nullopt;
  }
  return rate;
}

}  // namespace offloader
