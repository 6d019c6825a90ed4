#include "parquet_delta.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "parquet_metadata.h"

namespace offloader::engine {
namespace {

constexpr std::uint64_t kGroup = 32;              // values that are packed together
constexpr std::uint64_t kMostValues = 1 << 26;    // of a page, which takes a fraction of a second then
constexpr std::uint64_t kLargestBlock = 1 << 20;  // values; writers have 128 to 2048
constexpr unsigned kWidest = 64;                  // bits of a value

// One stream of packed deltas: <block size> <miniblocks of a block> <values> <first value>, then blocks of
// <least delta> <width of each miniblock> <miniblocks>. Follows DuckDB's DbpDecoder to the byte, with a check
// wherever that has none. Numbers are of 32 bits, as lengths are.
class DeltaStream {
 public:
  explicit DeltaStream(std::string_view in) : in_(in) {}

  // Reads the header. What is wrong with it for a page of so many values.
  std::optional<std::string> open(std::uint64_t values) {
    const auto block = varint();
    miniblocks_ = varint();
    total_ = varint();
    const auto first = varint();
    if (bad_) return "its header is cut off";
    if (block == 0) return "its block size is 0";
    if (block > kLargestBlock) return fmt::format("its block size is {}", block);
    if (miniblocks_ == 0 || block % miniblocks_ != 0 || (block / miniblocks_) % kGroup != 0) {
      return fmt::format("its blocks of {} values have {} parts", block, miniblocks_);
    }
    if (total_ > std::min(values, kMostValues))
      return fmt::format("it has {} values, and may have {}", total_, std::min(values, kMostValues));
    miniblock_values_ = block / miniblocks_;
    miniblock_offset_ = miniblock_values_;
    miniblock_ = miniblocks_ - 1;
    value_ = static_cast<std::uint32_t>(unzigzag(first));
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t total() const { return total_; }

  // The next value. Nothing where the stream ends early. Requires: fewer than total() have been read.
  std::optional<std::uint32_t> next() {
    if (first_) {
      first_ = false;
      return value_;
    }
    if (at_ == kGroup && !unpack()) return std::nullopt;
    value_ += least_ + group_[at_++];
    return value_;
  }

  // The bytes behind the stream and the padding of its last miniblock. Nothing where it ends early. Requires:
  // next() has not been called.
  std::optional<std::string_view> rest() {
    for (std::uint64_t left = total_ > 0 ? total_ - 1 : 0; left > 0; left -= std::min(left, kGroup)) {
      if (!unpack()) return std::nullopt;
    }
    while (miniblock_offset_ != miniblock_values_) {
      if (!unpack()) return std::nullopt;
    }
    return in_;
  }

 private:
  static std::uint64_t unzigzag(std::uint64_t value) { return (value >> 1) ^ (0 - (value & 1)); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !in_.empty(); shift += 7) {
      const auto part = static_cast<unsigned char>(in_.front());
      in_.remove_prefix(1);
      value |= std::uint64_t{part & 0x7FU} << shift;
      if ((part & 0x80U) == 0) return value;
    }
    bad_ = true;
    return 0;
  }

  // The next group of packed values, and before it the next block's header where one begins.
  bool unpack() {
    if (miniblock_offset_ == miniblock_values_) {
      miniblock_offset_ = 0;
      if (++miniblock_ == miniblocks_) {
        least_ = static_cast<std::uint32_t>(unzigzag(varint()));
        if (bad_ || in_.size() < miniblocks_) return false;
        widths_ = in_.substr(0, miniblocks_);
        in_.remove_prefix(miniblocks_);
        miniblock_ = 0;
      }
    }
    const unsigned width = static_cast<unsigned char>(widths_[miniblock_]);
    if (width > kWidest || in_.size() < kGroup * width / 8) return false;
    for (std::size_t i = 0; i < kGroup; ++i) group_[i] = packed(i * width, width);
    in_.remove_prefix(kGroup * width / 8);
    at_ = 0;
    miniblock_offset_ += kGroup;
    return true;
  }

  // The lower 32 of `width` bits at `bit`.
  [[nodiscard]] std::uint32_t packed(std::size_t bit, unsigned width) const {
    std::uint64_t value = 0;
    const unsigned needed = std::min(width, 32U);
    unsigned have = 0;
    for (std::size_t byte = bit / 8, skip = bit % 8; have < needed; ++byte, skip = 0) {
      value |= std::uint64_t{static_cast<unsigned char>(in_[byte])} >> skip << have;
      have += 8 - static_cast<unsigned>(skip);
    }
    return static_cast<std::uint32_t>(needed == 32 ? value : value & ((1ULL << needed) - 1));
  }

  std::string_view in_;
  std::string_view widths_;
  std::uint64_t miniblocks_ = 0;
  std::uint64_t miniblock_values_ = 0;
  std::uint64_t miniblock_offset_ = 0;  // values of the current miniblock that are unpacked
  std::uint64_t miniblock_ = 0;
  std::uint64_t total_ = 0;
  std::uint32_t value_ = 0;
  std::uint32_t least_ = 0;
  std::array<std::uint32_t, kGroup> group_{};
  std::uint64_t at_ = kGroup;
  bool first_ = true;
  bool bad_ = false;
};

// Each value is a prefix of the one before, and a suffix: the lengths of the prefixes, those of the suffixes,
// the suffixes. DuckDB copies a prefix before it finds that there is no such suffix.
std::optional<std::string> byte_array_problem(std::string_view bytes, std::uint64_t values) {
  DeltaStream prefixes(bytes);
  if (auto problem = prefixes.open(values)) return problem;
  const auto behind_prefixes = DeltaStream(prefixes).rest();
  if (!behind_prefixes) return "its prefixes are cut off";
  DeltaStream suffixes(*behind_prefixes);
  if (auto problem = suffixes.open(values)) return problem;
  const auto text = DeltaStream(suffixes).rest();
  if (!text) return "its suffixes are cut off";
  if (prefixes.total() != suffixes.total()) return "it has more prefixes than suffixes, or fewer";
  std::uint64_t left = text->size();
  std::uint64_t before = 0;
  for (std::uint64_t i = 0; i < prefixes.total(); ++i) {
    const auto prefix = prefixes.next();
    const auto suffix = suffixes.next();
    if (!prefix || !suffix) return "it is cut off";
    if (*prefix > before) return fmt::format("value {} begins with more than the value before it has", i);
    if (*suffix > left) return fmt::format("value {} ends behind the page", i);
    left -= *suffix;
    before = std::uint64_t{*prefix} + *suffix;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> delta_problem(std::int64_t encoding, std::string_view bytes,
                                         std::uint64_t values) {
  if (encoding == PageHeader::kDeltaByteArray) return byte_array_problem(bytes, values);
  return DeltaStream(bytes).open(values);
}

}  // namespace offloader::engine
