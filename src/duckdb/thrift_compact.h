#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace offloader::duckdb {

// A reader of Thrift's compact protocol. Malformed input makes it bad, and it stays so; values read then are
// 0 or empty. It accepts all that DuckDB's copy of Thrift accepts, with the same values, down to numbers that
// are cut to their type: a page that it saw elsewhere than DuckDB would not be checked. Never reads outside
// of `in`, which must outlive it. One thread at a time.
class ThriftCompact {
 public:
  enum Type {
    kStop = 0,
    kTrue = 1,
    kFalse = 2,
    kByte = 3,
    kI16 = 4,
    kI32 = 5,
    kI64 = 6,
    kDouble = 7,
    kBinary = 8,
    kList = 9,
    kSet = 10,
    kMap = 11,
    kStruct = 12
  };

  explicit ThriftCompact(std::string_view in) : in_(in) {}

  [[nodiscard]] bool bad() const { return bad_; }
  [[nodiscard]] std::size_t at() const { return at_; }

  std::int64_t number() {
    const auto value = varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  std::int32_t number32() {
    const auto value = static_cast<std::uint32_t>(varint());
    return static_cast<std::int32_t>((value >> 1) ^ (0U - (value & 1U)));
  }
  std::string_view text() {
    const auto size = this->size();
    if (bad_ || size > in_.size() - at_) return fail();
    const auto out = in_.substr(at_, size);
    at_ += size;
    return out;
  }
  // Calls `field(id, type)` for each field, which must read the value or skip it.
  template <typename Field>
  void fields(Field field) {
    std::int64_t id = 0;
    while (!bad_) {
      const auto head = byte();
      const int type = head & 0x0F;
      if (type == kStop) return;
      const int step = head >> 4;
      id = static_cast<std::int16_t>(step != 0 ? id + step : number32());
      if (!bad_) field(id, type);
    }
  }
  // Calls `element()` for each element of a list, whatever element type the list declares; Thrift does the
  // same.
  template <typename Element>
  void list(Element element) {
    const auto head = byte();
    std::uint32_t size = head >> 4;
    if (size == 15) size = this->size();
    for (std::uint32_t i = 0; i < size && !bad_; ++i) element();
  }
  void skip(int type, int depth = 0) {
    if (type == kTrue || type == kFalse) return;  // the type is the value
    skip_element(type, depth);
  }

 private:
  static constexpr int kDeepest = 64;  // DuckDB's limit, which also counts the structs around a skipped field

  std::string_view fail() {
    bad_ = true;
    return {};
  }
  unsigned byte() {
    if (at_ >= in_.size()) {
      bad_ = true;
      return 0;
    }
    return static_cast<unsigned char>(in_[at_++]);
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto part = byte();
      value |= std::uint64_t{part & 0x7FU} << shift;
      if ((part & 0x80U) == 0) return value;
    }
    bad_ = true;
    return 0;
  }
  // The size of a text or a container.
  std::uint32_t size() {
    const auto size = static_cast<std::int32_t>(varint());
    if (size >= 0) return static_cast<std::uint32_t>(size);
    bad_ = true;
    return 0;
  }
  void skip_element(int type, int depth) {
    if (bad_ || depth > kDeepest) {
      bad_ = true;
      return;
    }
    switch (type) {
      case kTrue:
      case kFalse:
      case kByte:
        static_cast<void>(byte());
        return;
      case kI16:
      case kI32:
      case kI64:
        static_cast<void>(varint());
        return;
      case kDouble:
        if (in_.size() - at_ < 8) {
          bad_ = true;
        } else {
          at_ += 8;
        }
        return;
      case kBinary:
        static_cast<void>(text());
        return;
      case kList:
      case kSet: {
        const auto head = byte();
        std::uint32_t size = head >> 4;
        if (size == 15) size = this->size();
        for (std::uint32_t i = 0; i < size && !bad_; ++i) skip_element(head & 0x0F, depth + 1);
        return;
      }
      case kMap: {
        const auto size = this->size();
        if (size == 0) return;
        const auto types = byte();
        for (std::uint32_t i = 0; i < size && !bad_; ++i) {
          skip_element(static_cast<int>(types >> 4), depth + 1);
          skip_element(static_cast<int>(types & 0x0F), depth + 1);
        }
        return;
      }
      case kStruct:
        fields([&](std::int64_t, int inner) { skip(inner, depth + 1); });
        return;
      default:
        bad_ = true;
    }
  }

  std::string_view in_;
  std::size_t at_ = 0;
  bool bad_ = false;
};

}  // namespace offloader::duckdb
