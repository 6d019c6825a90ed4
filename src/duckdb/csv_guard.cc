#include "csv_guard.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace offloader::duckdb {
namespace {

constexpr std::uint64_t kBlock = 64;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// 64 bytes. equal() returns a bit for each byte that equals `c`; the lowest bit is the first byte.
class Block {
 public:
#if defined(__SSE2__)
  explicit Block(const char* bytes) {
    for (int i = 0; i < 4; ++i) parts_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
  }
  [[nodiscard]] std::uint64_t equal(char c) const {
    const __m128i wanted = _mm_set1_epi8(c);
    std::uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
      const auto part = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(parts_[i], wanted)));
      mask |= std::uint64_t{part} << (16 * i);
    }
    return mask;
  }

 private:
  __m128i parts_[4];
#else
  explicit Block(const char* bytes) { std::memcpy(bytes_, bytes, kBlock); }
  [[nodiscard]] std::uint64_t equal(char c) const {
    std::uint64_t mask = 0;
    for (unsigned i = 0; i < kBlock; ++i) mask |= std::uint64_t{bytes_[i] == c} << i;
    return mask;
  }

 private:
  char bytes_[kBlock];
#endif
};

// Returns the prefix parity: bit i is the parity of bits 0 to i.
std::uint64_t running_parity(std::uint64_t mask) {
  for (unsigned shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
  return mask;
}

// std::popcount would be a function call: not every x86-64 CPU has the instruction.
unsigned count_bits(std::uint64_t mask) {
  mask -= mask >> 1 & 0x5555555555555555;
  mask = (mask & 0x3333333333333333) + (mask >> 2 & 0x3333333333333333);
  mask = (mask + (mask >> 4)) & 0x0F0F0F0F0F0F0F0F;
  return static_cast<unsigned>(mask * 0x0101010101010101 >> 56);
}

}  // namespace

CsvGuard::CsvGuard(const manifest::CsvDialect& dialect, Limits limits)
    : delimiter_(dialect.delimiter),
      quote_(dialect.quote),
      escape_(dialect.escape),
      limits_(limits),
      doubled_(dialect.quote == '\0' || dialect.quote == dialect.escape) {}

CsvGuard::Verdict CsvGuard::scan(const char* bytes, std::uint64_t length) {
  std::uint64_t at = 0;
  if (!begun_ && length >= kByteOrderMark.size() &&
      std::string_view(bytes, kByteOrderMark.size()) == kByteOrderMark) {
    at = kByteOrderMark.size();
  }
  begun_ = begun_ || length > 0;
  for (; doubled_ && at + kBlock <= length && verdict_ == Verdict::good; at += kBlock) {
    if (!scan_block(bytes + at)) scan_bytes(bytes + at, kBlock);
  }
  if (verdict_ == Verdict::good) scan_bytes(bytes + at, length - at);
  return verdict_;
}

bool CsvGuard::scan_block(const char* bytes) {
  const bool lf_only = ends_ == Ends::lf;
  if (!lf_only && ends_ != Ends::crlf) return false;
  if (state_ == State::spaces || state_ == State::carriage || state_ == State::trailing) return false;
  const Block block(bytes);
  const std::uint64_t quotes = quote_ == '\0' ? 0 : block.equal(quote_);
  const bool was_quoted = state_ == State::quoted;
  // The bytes from an opening quote up to the one before its closing quote.
  const std::uint64_t inside =
      (quotes == 0 ? 0 : running_parity(quotes)) ^ (was_quoted ? ~std::uint64_t{0} : 0);
  const std::uint64_t lf = block.equal('\n');
  const std::uint64_t cr = block.equal('\r');
  if (!limits_.quoted_line_ends && ((lf | cr) & inside) != 0) return false;
  const std::uint64_t line_ends = lf & ~inside;
  const std::uint64_t returns = cr & ~inside;
  if (lf_only ? returns != 0 : (line_ends & ~(returns << 1)) != 0 || (returns & ~(line_ends >> 1)) != 0)
    return false;
  const std::uint64_t delimiters = block.equal(delimiter_) & ~inside;
  const bool quotes_matter = quotes != 0 || was_quoted || state_ == State::after_quote;
  if (quotes_matter) {
    const std::uint64_t between = delimiters | line_ends | returns | quotes;
    // An opening quote must follow the end of a field, or be the second of a doubled quote. A closing quote
    // must precede the end of a field, or another quote.
    const bool field_starts = state_ == State::field_start || state_ == State::after_quote;
    const std::uint64_t opening = quotes & inside;
    if ((opening & ~((between << 1) | (field_starts ? 1 : 0))) != 0) return false;
    const std::uint64_t closing = quotes & ~inside;
    const std::uint64_t behind = (closing << 1) | (state_ == State::after_quote ? 1 : 0);
    if ((behind & ~between) != 0) return false;
  }
  const bool ends_inside = (inside >> 63) != 0;
  if (!ends_inside && bytes[kBlock - 1] == ' ') {
    // A quote may follow spaces at the beginning of a field, so a block that ends in such spaces is scanned
    // by bytes.
    int at = kBlock - 2;
    while (at >= 0 && bytes[at] == ' ') --at;
    if (at < 0 || ((delimiters | line_ends | returns | quotes) >> at & 1) != 0) return false;
  }

  if (line_ends == 0) {
    delimiters_ += count_bits(delimiters);
    line_bytes_ += kBlock;
  } else {
    const auto first = static_cast<unsigned>(std::countr_zero(line_ends));
    const auto final = 63 - static_cast<unsigned>(std::countl_zero(line_ends));
    // Lines that begin and end within the block are below the limits.
    if (delimiters_ + count_bits(delimiters & ((std::uint64_t{1} << first) - 1)) >=
            std::max(limits_.columns, kBlock) ||
        line_bytes_ + first > kMaxCsvLine) {
      return false;
    }
    const unsigned gap = lf_only ? 1 : 2;  // distance of line ends around an empty line
    std::uint64_t empty = line_ends & (line_ends << gap);
    if (line_bytes_ == 0 && first + 1 == gap) empty |= std::uint64_t{1} << first;
    records_ += count_bits(line_ends);
    if (empty != 0) records_ -= count_bits(empty);
    line_bytes_ = 63 - final;
    // Shifting by 64 is undefined.
    delimiters_ = final == 63 ? 0 : count_bits(delimiters >> (final + 1));
  }
  if (delimiters_ >= std::max(limits_.columns, kBlock)) refuse(Verdict::too_wide);
  if (line_bytes_ > kMaxCsvLine) refuse(Verdict::too_long);
  if (ends_inside) {
    state_ = State::quoted;
  } else if ((quotes >> 63) != 0) {
    state_ = State::after_quote;
  } else {
    state_ = ((delimiters | line_ends) >> 63) != 0 ? State::field_start
             : (returns >> 63) != 0                ? State::carriage
                                                   : State::plain;
  }
  return true;
}

void CsvGuard::scan_bytes(const char* bytes, std::uint64_t length) {
  for (std::uint64_t i = 0; i < length && verdict_ == Verdict::good; ++i) step(bytes[i]);
}

void CsvGuard::end_line(Ends kind) {
  if (ends_ == Ends::unknown) ends_ = kind;
  if (ends_ != kind) return refuse(Verdict::uneven_lines);
  const std::uint64_t own = kind == Ends::crlf ? 2 : 1;
  if (line_bytes_ > own) ++records_;
  line_bytes_ = 0;
  delimiters_ = 0;
  state_ = State::field_start;
}

void CsvGuard::step(char c) {
  if (state_ == State::carriage) {
    if (c == '\n') {
      ++line_bytes_;
      return end_line(Ends::crlf);
    }
    end_line(Ends::cr);
    if (verdict_ != Verdict::good) return;
  }
  if (++line_bytes_ > kMaxCsvLine) return refuse(Verdict::too_long);
  const bool has_quotes = quote_ != '\0';
  switch (state_) {
    case State::quoted:
      if (escape_ != quote_ && c == escape_) {
        state_ = State::escaped;
      } else if (c == quote_) {
        state_ = State::after_quote;
      } else if ((c == '\n' || c == '\r') && !limits_.quoted_line_ends) {
        refuse(Verdict::quoted_line_end);
      }
      return;
    case State::escaped:
      state_ = State::quoted;
      return;
    case State::after_quote:
      if (c == quote_ && escape_ == quote_) {
        state_ = State::quoted;
        return;
      }
      [[fallthrough]];
    case State::trailing:
      if (c == ' ') {
        state_ = State::trailing;
        return;
      }
      if (c != delimiter_ && c != '\n' && c != '\r') return refuse(Verdict::malformed);
      break;
    case State::field_start:
    case State::spaces:
      if (has_quotes && c == quote_) {
        state_ = State::quoted;
        return;
      }
      if (c == ' ') {
        state_ = State::spaces;
        return;
      }
      break;
    case State::plain:
    case State::carriage:
      break;
  }
  if (c == delimiter_) {
    state_ = State::field_start;
    if (++delimiters_ >= std::max(limits_.columns, kBlock)) refuse(Verdict::too_wide);
  } else if (c == '\n') {
    end_line(Ends::lf);
  } else if (c == '\r') {
    state_ = State::carriage;
  } else {
    state_ = State::plain;
  }
}

CsvGuard::Verdict CsvGuard::finish() {
  if (verdict_ != Verdict::good) return verdict_;
  if (state_ == State::carriage) {
    end_line(Ends::cr);
  } else if (state_ == State::quoted || state_ == State::escaped) {
    refuse(Verdict::malformed);
  } else if (line_bytes_ > 0) {
    ++records_;
    line_bytes_ = 0;
  }
  return verdict_;
}

}  // namespace offloader::duckdb
