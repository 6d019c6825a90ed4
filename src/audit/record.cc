#include "offloader/audit/record.h"

#include <algorithm>

#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"

namespace offloader::audit {

Record::Record(SystemTime time, std::string_view event) {
  members_.reserve(384);
  members_.append(R"("time":")");
  append_timestamp(members_, std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch() /
                                 std::chrono::microseconds(1));
  members_.append(R"(Z","event":")").append(event).push_back('"');
}

void Record::name(std::string_view name) {
  members_.append(",\"").append(name).append("\":");
}

Record& Record::text(std::string_view name_of, std::string_view value) {
  name(name_of);
  json::append_string(members_, value);
  return *this;
}

Record& Record::text_or_null(std::string_view name_of, std::string_view value) {
  return value.empty() ? raw(name_of, "null") : text(name_of, value);
}

Record& Record::number(std::string_view name_of, std::int64_t value) {
  name(name_of);
  json::append_int(members_, value);
  return *this;
}

Record& Record::list(std::string_view name_of, std::span<const std::string> texts) {
  name(name_of);
  char before = '[';
  for (const std::string& each : texts.first(std::min(texts.size(), kMostListed))) {
    members_.push_back(before);
    json::append_string(members_, each);
    before = ',';
  }
  members_.append(texts.empty() ? "[]" : "]");
  if (texts.size() > kMostListed)
    number(std::string(name_of) + "_total", static_cast<std::int64_t>(texts.size()));
  return *this;
}

Record& Record::raw(std::string_view name_of, std::string_view json) {
  name(name_of);
  members_.append(json);
  return *this;
}

}  // namespace offloader::audit
