#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"

namespace offloader::audit {

// What one line of the audit log says, without its place in the chain: a time, an event and named values. A
// value, used by one thread at a time. Texts must be valid UTF-8, and must hold no token, secret or param
// value: names, ids, tenants and addresses only.
class Record {
 public:
  // How many items list() writes; the rest is counted.
  static constexpr std::size_t kMostListed = 100;

  // `event` and the names of the members need no escaping in JSON.
  Record(SystemTime time, std::string_view event);

  Record& text(std::string_view name, std::string_view value);
  // Writes null for an empty text.
  Record& text_or_null(std::string_view name, std::string_view value);
  Record& number(std::string_view name, std::int64_t value);
  // Writes the first kMostListed texts. If there are more, `{name}_total` says how many there are.
  Record& list(std::string_view name, std::span<const std::string> texts);
  // Writes a JSON value as it is.
  Record& raw(std::string_view name, std::string_view json);

  // Returns the members as JSON, without the braces around them: no line break.
  [[nodiscard]] const std::string& members() const { return members_; }

 private:
  void name(std::string_view name);

  std::string members_;
};

}  // namespace offloader::audit
