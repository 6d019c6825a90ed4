#include "range_answer.h"

#include <fmt/format.h>

#include <cstdlib>

#include "offloader/transport/testing/dates.h"

namespace offloader::object_store::testing {

transport::testing::Answer range_answer(const transport::testing::Request& request,
                                        const StoredObject& object) {
  const std::uint64_t size = object.bytes->size();
  transport::testing::Answer answer;
  answer.content = object.bytes;
  answer.length = size;
  answer.headers = {{"Content-Type", "application/octet-stream"},
                    {"Last-Modified", transport::testing::http_date(object.modified)},
                    {"Accept-Ranges", "bytes"}};
  const std::string range = request.header("range");
  if (!range.starts_with("bytes=") || range.find(',') != std::string::npos) return answer;
  const char* at = range.c_str() + 6;
  std::uint64_t first = 0;
  std::uint64_t last = size - 1;
  char* end = nullptr;
  if (*at == '-') {
    const std::uint64_t suffix = std::strtoull(at + 1, &end, 10);
    first = suffix >= size ? 0 : size - suffix;
  } else {
    first = std::strtoull(at, &end, 10);
    if (end[0] == '-' && end[1] != '\0')
      last = std::min<std::uint64_t>(std::strtoull(end + 1, nullptr, 10), size - 1);
  }
  if (size == 0 || first >= size || first > last) {
    transport::testing::Answer unsatisfiable = transport::testing::text_answer(416, "");
    unsatisfiable.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
    return unsatisfiable;
  }
  answer.status = 206;
  answer.offset = first;
  answer.length = last - first + 1;
  answer.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", first, last, size));
  return answer;
}

}  // namespace offloader::object_store::testing
