#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace offloader {

// A pattern for dates and times with the strptime codes %Y %y %m %d %b %B %H %I %p %M %S %f %z %j %%; any
// other character matches itself. Numbers may omit leading zeros, except years and offsets. Month names are
// English, in any case. %y covers 1969 to 2068. %z is Z, +hh, +hhmm or +hh:mm. Immutable; any thread may call
// it.
class TimeFormat {
 public:
  // Parses a pattern of at most 100 characters. It needs a year with a month and a day, or a year with %j.
  // The error is a message for the person who wrote the pattern.
  [[nodiscard]] static tl::expected<TimeFormat, std::string> parse(std::string_view pattern);

  // Returns microseconds since the epoch, in UTC if the pattern has %z. Returns nullopt if `text` does not
  // match the pattern or is not a real date.
  [[nodiscard]] std::optional<std::int64_t> read(std::string_view text) const;

 private:
  struct Part {
    char code = '\0';  // '\0': matches `literal`
    char literal = '\0';
  };
  std::vector<Part> parts_;
};

}  // namespace offloader
