#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"

// The params of a request, however they were sent. A query string and a JSON body decode to the same type, so
// the compiler does not know which one it was. Pure functions and values.
namespace offloader::query {

// One param as it was sent, or one value of a list. A param that was sent several times, and a list, have
// several entries of one name.
struct SentParam {
  // What `value` is if the param takes a list.
  enum class Form : std::uint8_t {
    text,   // the list as text, comma-separated; if the name repeats, one value
    item,   // one value, whatever characters it has; only a param that takes a list may have it
    empty,  // the list has no values, and `value` is empty; likewise
  };

  std::string name;
  std::string value;
  Form form = Form::text;
};

// In the order sent.
using Params = std::vector<SentParam>;

inline constexpr std::size_t kMaxParams = 256;       // of a request
inline constexpr std::size_t kMaxValues = 8U << 10;  // of all lists of a JSON body together

// Decodes application/x-www-form-urlencoded text (`+` is a space, %XX a byte) of at most 8 KiB and 256
// params. Fails with invalid_param if it is longer, an escape is incomplete, or a name or value is not UTF-8
// or contains NUL.
[[nodiscard]] Result<Params> decode_query_string(std::string_view query);

// Appends a value of a list param as a query string has it before its encoding: in double quotes if it needs
// them. `only`: it is the list's only value; an empty one alone needs quotes. Commas are the caller's. Pure.
void append_list_value(std::string& out, std::string_view value, bool only);

// Decodes a JSON object of params: strings, numbers, booleans, and arrays of those for lists; null is a param
// that was not sent. A value becomes the text that a query string would carry. A number becomes its plain
// decimal (`5`, `5.0` and `5e0` are `5`; `12.50` is `12.5`), so that equal numbers are the same text; one
// whose decimal would have hundreds of digits stays as it was written. Takes linear time and no recursion,
// however deep the document is. Fails with bad_request if the text is no such object or has a member twice,
// and with invalid_param if there are too many params or values or one contains NUL.
[[nodiscard]] Result<Params> decode_json_params(std::string_view body);

}  // namespace offloader::query
