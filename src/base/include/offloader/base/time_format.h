#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace offloader {

// A pattern for dates and times as strptime has them: %Y %y %m %d %b %B %H %I %p %M %S %f %z %j %%, anything
// else as it stands. Numbers may lack their leading zeros; names of months are English, in any case; %y is
// 1969 to 2068; %z is Z, +hh, +hhmm or +hh:mm. Immutable; any thread.
class TimeFormat {
 public:
  // The error says for a person what is wrong with the pattern. A pattern needs a year with a month and a
  // day, or a year with %j.
  [[nodiscard]] static tl::expected<TimeFormat, std::string> parse(std::string_view pattern);

  // Microseconds since the epoch, UTC when the pattern has %z; nothing when `text` is not of this form or no
  // real date.
  [[nodiscard]] std::optional<std::int64_t> read(std::string_view text) const;

 private:
  struct Part {
    char code = '\0';  // '\0': `literal` itself
    char literal = '\0';
  };
  std::vector<Part> parts_;
};

}  // namespace offloader
