#include "list_syntax.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

// Writes values as a list whose every value is in quotes.
std::string quoted(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    text += text.empty() ? "\"" : ",\"";
    for (const char c : value) {
      if (c == '"') text += '"';
      text += c;
    }
    text += '"';
  }
  return text;
}

}  // namespace

// Splits arbitrary text. It must be rejected, or give values that make the same list when they are written
// again, and never more than one past the most.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace query = offloader::query;
  const std::string text(data, data + size);
  const auto values = query::split_list(text, size + 1);
  const auto few = query::split_list(text, 3);
  if (!values) return 0;
  if (query::split_list(quoted(*values), size + 1) != values) std::abort();
  if (!few || few->size() != std::min<std::size_t>(values->size(), 4)) std::abort();
  return 0;
}
