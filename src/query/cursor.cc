#include "offloader/query/cursor.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>

#include "canonical_writer.h"

namespace offloader::query {
namespace {

constexpr char kVersion = 1;
// More keys than any contract has columns are no cursor of ours.
constexpr std::uint64_t kMostKeys = 10'000;

// Numbers take as few bytes as they need: a cursor should fit into a URL.
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  void byte(char c) { out_.push_back(c); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  // Small numbers of either sign are short.
  void signed_number(std::int64_t value) {
    number(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }

  void operator()(bool value) {
    byte('b');
    byte(value ? 1 : 0);
  }
  void operator()(std::int64_t value) {
    byte('i');
    signed_number(value);
  }
  void operator()(double value) {
    byte('d');
    number(std::bit_cast<std::uint64_t>(value));
  }
  void operator()(Date value) {
    byte('D');
    signed_number(value.days);
  }
  void operator()(Timestamp value) {
    byte('t');
    signed_number(value.micros);
  }
  void operator()(const std::string& value) {
    byte('s');
    text(value);
  }
  void operator()(const Decimal& value) {
    byte('e');
    byte(static_cast<char>(value.scale));
    number(static_cast<std::uint64_t>(static_cast<Uint128>(value.unscaled) >> 64));
    number(static_cast<std::uint64_t>(value.unscaled));
  }
  void operator()(const Uuid& value) {
    byte('u');
    number(value.high);
    number(value.low);
  }
  void operator()(Nothing) { byte('n'); }

 private:
  std::string& out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  // Once something is missing, every read returns zero.
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool complete() const { return good_ && rest_.empty(); }

  char byte() {
    if (!good_ || rest_.empty()) return fail(), '\0';
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  bool flag() {
    const char c = byte();
    if (c != 0 && c != 1) fail();
    return c == 1;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto c = static_cast<unsigned char>(byte());
      const std::uint64_t digits = c & 0x7FU;
      // A number has one spelling: no digits beyond 64 bits, and no zeros before it.
      if ((digits << shift) >> shift != digits || (shift > 0 && c == 0)) return fail(), 0;
      value |= digits << shift;
      if (c < 0x80) return value;
    }
    return fail(), 0;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
  }
  std::string text() {
    const std::uint64_t size = number();
    if (!good_ || size > rest_.size()) return fail(), std::string();
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
  }
  std::int32_t days() {
    const std::int64_t value = signed_number();
    if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max())
      return fail(), 0;
    return static_cast<std::int32_t>(value);
  }
  Value value() {
    switch (byte()) {
      case 'b':
        return flag();
      case 'i':
        return signed_number();
      case 'd':
        return std::bit_cast<double>(number());
      case 'D':
        return Date{days()};
      case 't':
        return Timestamp{signed_number()};
      case 's':
        return text();
      case 'e': {
        const auto scale = static_cast<std::uint8_t>(byte());
        const auto high = static_cast<Uint128>(number()) << 64;
        return Decimal{static_cast<Int128>(high | number()), scale};
      }
      case 'u': {
        const std::uint64_t high = number();
        return Uuid{high, number()};
      }
      case 'n':
        return Nothing{};
      default:
        fail();
        return Nothing{};
    }
  }

 private:
  void fail() { good_ = false; }

  std::string_view rest_;
  bool good_ = true;
};

// Writes the values of one param. A list is the same however it was sent: as one text, repeated, or as a JSON
// array.
void append_values(CanonicalWriter& out, std::span<const SentParam* const> values) {
  if (values.size() == 1 && values[0]->form == SentParam::Form::empty) return out.tag('e');
  out.tag('v');
  const bool only = values.size() == 1;
  if (only && values[0]->form == SentParam::Form::text) return out.text(values[0]->value);
  std::string list;
  for (const SentParam* const param : values) {
    if (param != values[0]) list.push_back(',');
    append_list_value(list, param->value, only);
  }
  out.text(list);
}

}  // namespace

std::string encode(const Cursor& cursor) {
  std::string bytes;
  Encoder out(bytes);
  out.byte(kVersion);
  out.text(cursor.contract);
  out.text(cursor.snapshot);
  out.signed_number(cursor.moment.today);
  out.signed_number(cursor.moment.watermark);
  out.number(cursor.equal);
  out.number(cursor.position);
  out.byte(cursor.moved ? 1 : 0);
  out.number(cursor.keys.size());
  for (const Value& key : cursor.keys) std::visit(out, key);
  return bytes;
}

std::optional<Cursor> decode_cursor(std::string_view bytes) {
  Decoder in(bytes);
  if (in.byte() != kVersion) return std::nullopt;
  Cursor cursor;
  cursor.contract = in.text();
  cursor.snapshot = in.text();
  cursor.moment.today = in.days();
  cursor.moment.watermark = in.days();
  cursor.equal = in.number();
  cursor.position = in.number();
  cursor.moved = in.flag();
  const std::uint64_t keys = in.number();
  if (keys > kMostKeys) return std::nullopt;
  for (std::uint64_t i = 0; i < keys && in.good(); ++i) cursor.keys.push_back(in.value());
  if (!in.complete()) return std::nullopt;
  return cursor;
}

std::string cursor_binding(std::string_view endpoint, const std::optional<catalog::Tenant>& tenant,
                           const Params& params) {
  std::string bytes;
  CanonicalWriter out(bytes);
  out.text(endpoint);
  out.tag(tenant ? '1' : '0');
  if (tenant) {
    if (const auto* const text = std::get_if<std::string>(&*tenant)) {
      out.tag('s');
      out.text(*text);
    } else {
      out.tag('i');
      out.signed_number(std::get<std::int64_t>(*tenant));
    }
  }
  std::vector<const SentParam*> bound;
  for (const SentParam& param : params) {
    if (param.name != "limit" && param.name != "offset" && param.name != "format" && param.name != "cursor")
      bound.push_back(&param);
  }
  // The values of a list keep their order, which may matter.
  std::stable_sort(bound.begin(), bound.end(),
                   [](const SentParam* a, const SentParam* b) { return a->name < b->name; });
  for (auto at = bound.begin(); at != bound.end();) {
    const auto end =
        std::find_if(at, bound.end(), [&](const SentParam* param) { return param->name != (*at)->name; });
    out.text((*at)->name);
    append_values(out, {at, end});
    at = end;
  }
  return bytes;
}

}  // namespace offloader::query
