#include "row_counter.h"

#include <algorithm>

namespace offloader::cli {

using catalog::Format;

void RowCounter::add(std::string_view part) {
  if (part.empty()) return;
  if (format_ == Format::ndjson) {
    lines_ += static_cast<std::uint64_t>(std::count(part.begin(), part.end(), '\n'));
  } else if (format_ == Format::csv) {
    // A doubled quote inside quotes leaves them and enters them again.
    for (const char c : part) {
      quoted_ ^= c == '"';
      lines_ += static_cast<std::uint64_t>(c == '\n' && !quoted_);
    }
  }
  open_ = quoted_ || part.back() != '\n';
}

std::optional<std::uint64_t> RowCounter::rows() const {
  const std::uint64_t lines = lines_ + (open_ ? 1 : 0);
  if (format_ == Format::ndjson) return lines;
  if (format_ == Format::csv) return lines == 0 ? 0 : lines - 1;
  return std::nullopt;
}

std::string_view first_lines(std::string_view text, std::size_t most, std::size_t most_bytes) {
  bool quoted = false;
  std::size_t lines = 0;
  std::size_t end = 0;
  for (; end < text.size() && end < most_bytes && lines < most; ++end) {
    quoted ^= text[end] == '"';
    if (text[end] == '\n' && !quoted) ++lines;
  }
  return text.substr(0, end);
}

}  // namespace offloader::cli
