#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace offloader::engine {

// A reader of Thrift's compact protocol. What is malformed makes it bad, and it stays so.
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
  std::string_view text() {
    const auto size = varint();
    if (bad_ || size > in_.size() - at_) return fail();
    const auto out = in_.substr(at_, size);
    at_ += size;
    return out;
  }
  // Calls `field(id, type)` for each field; it reads the value or skips it.
  template <typename Field>
  void fields(Field field) {
    std::int64_t id = 0;
    while (!bad_) {
      const auto head = byte();
      const int type = head & 0x0F;
      if (type == kStop) return;
      const int step = head >> 4;
      id = step != 0 ? id + step : number();
      if (!bad_) field(id, type);
    }
  }
  // Calls `element()` for each element of a list, whatever type it declares: that is how Thrift reads it.
  template <typename Element>
  void list(Element element) {
    const auto head = byte();
    std::uint64_t size = head >> 4;
    if (size == 15) size = varint();
    for (std::uint64_t i = 0; i < size && !bad_; ++i) element();
  }
  void skip(int type, int depth = 0) {
    if (type == kTrue || type == kFalse) return;  // the value is in the type
    skip_element(type, depth);
  }

 private:
  static constexpr int kDeepest = 32;

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
        std::uint64_t size = head >> 4;
        if (size == 15) size = varint();
        for (std::uint64_t i = 0; i < size && !bad_; ++i) skip_element(head & 0x0F, depth + 1);
        return;
      }
      case kMap: {
        const auto size = varint();
        if (size == 0) return;
        const auto types = byte();
        for (std::uint64_t i = 0; i < size && !bad_; ++i) {
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

}  // namespace offloader::engine
