#include "parquet_pages.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace offloader::duckdb {
namespace {

constexpr std::uint64_t kPiece = 1 << 20;
constexpr std::uint64_t kHeader = 8 << 10;         // of a page, in one read
constexpr std::uint64_t kLongestHeader = 1 << 20;  // with bounds of long texts
constexpr std::uint64_t kLongestFooter = 64 << 20;
constexpr std::uint64_t kTrailer = 8;  // the footer's length and the magic

// A reader of Thrift's compact protocol. What is malformed makes it bad, and it stays so.
class Compact {
 public:
  enum Type {
    kStop = 0,
    kTrue = 1,
    kFalse = 2,
    kByte = 3,
    kDouble = 7,
    kBinary = 8,
    kList = 9,
    kSet = 10,
    kMap = 11,
    kStruct = 12
  };

  explicit Compact(std::string_view in) : in_(in) {}

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
  // Calls `element()` for each element of a list of `type`; skips a list of another.
  template <typename Element>
  void list(int type, Element element) {
    const auto head = byte();
    std::uint64_t size = head >> 4;
    if (size == 15) size = varint();
    const int found = head & 0x0F;
    for (std::uint64_t i = 0; i < size && !bad_; ++i) {
      if (found == type) {
        element();
      } else {
        skip_element(found, 0);
      }
    }
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
      case 4:
      case 5:
      case 6:
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

bool is_number(int type) {
  return type == 5 || type == 6;
}

// One ParquetChunk of the footer. Nothing of one whose metadata is elsewhere or encrypted.
void read_chunk(Compact& in, std::uint64_t file_size, PageMap& map) {
  std::string_view column;
  std::int64_t length = 0;
  std::int64_t data = 0;
  std::int64_t dictionary = 0;
  in.fields([&](std::int64_t id, int type) {
    if (id != 3 || type != Compact::kStruct) return in.skip(type);
    in.fields([&](std::int64_t field, int kind) {
      if (field == 3 && kind == Compact::kList) {
        bool first = true;
        in.list(Compact::kBinary, [&] {
          const auto part = in.text();
          if (std::exchange(first, false)) column = part;
        });
      } else if (field == 7 && is_number(kind)) {
        length = in.number();
      } else if (field == 9 && is_number(kind)) {
        data = in.number();
      } else if (field == 11 && is_number(kind)) {
        dictionary = in.number();
      } else {
        in.skip(kind);
      }
    });
  });
  const std::int64_t begin = dictionary > 0 && dictionary < data ? dictionary : data;
  if (in.bad() || begin <= 0 || length <= 0 || static_cast<std::uint64_t>(begin) > file_size ||
      static_cast<std::uint64_t>(length) > file_size - static_cast<std::uint64_t>(begin)) {
    return;
  }
  auto found = std::ranges::find(map.columns, column);
  if (found == map.columns.end()) found = map.columns.insert(found, std::string(column));
  map.chunks.push_back({static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(length),
                        static_cast<std::uint32_t>(found - map.columns.begin())});
}

struct PageHeader {
  std::uint64_t header = 0;  // bytes of the header itself
  std::uint64_t body = 0;
  std::optional<std::uint32_t> checksum;
};

// Nothing where `bytes` do not begin with a whole header.
std::optional<PageHeader> page_header(std::string_view bytes) {
  Compact in(bytes);
  PageHeader out;
  std::int64_t body = -1;
  in.fields([&](std::int64_t id, int type) {
    if (id == 3 && is_number(type)) {
      body = in.number();
    } else if (id == 4 && is_number(type)) {
      out.checksum = static_cast<std::uint32_t>(in.number());
    } else {
      in.skip(type);
    }
  });
  if (in.bad() || body < 0) return std::nullopt;
  out.header = in.at();
  out.body = static_cast<std::uint64_t>(body);
  return out;
}

}  // namespace

PageMap page_map(std::string_view footer, std::uint64_t file_size) {
  PageMap map;
  Compact in(footer);
  in.fields([&](std::int64_t id, int type) {
    if (id != 4 || type != Compact::kList) return in.skip(type);
    in.list(Compact::kStruct, [&] {
      in.fields([&](std::int64_t field, int kind) {
        if (field != 1 || kind != Compact::kList) return in.skip(kind);
        in.list(Compact::kStruct, [&] { read_chunk(in, file_size, map); });
      });
    });
  });
  if (in.bad()) return {};
  std::ranges::sort(map.chunks, {}, &ParquetChunk::offset);
  return map;
}

Result<std::optional<std::uint64_t>> damaged_page(const ParquetChunk& chunk, const ReadBytes& read) {
  std::string buffer;
  const std::uint64_t end = chunk.offset + chunk.length;
  for (std::uint64_t at = chunk.offset; at < end;) {
    std::optional<PageHeader> header;
    for (std::uint64_t size = kHeader; !header; size *= 8) {
      size = std::min(size, end - at);
      buffer.resize(size);
      if (auto done = read(at, buffer.data(), size); !done) return fail(std::move(done.error()));
      header = page_header(buffer);
      if (!header && (size == end - at || size > kLongestHeader)) return std::nullopt;
    }
    const std::uint64_t page = at;
    at += header->header;
    if (header->body > end - at) return std::nullopt;
    if (!header->checksum) {
      at += header->body;
      continue;
    }
    uLong crc = crc32(0, nullptr, 0);
    for (std::uint64_t left = header->body; left > 0;) {
      const auto piece = std::min(left, kPiece);
      buffer.resize(piece);
      if (auto done = read(at, buffer.data(), piece); !done) return fail(std::move(done.error()));
      crc = crc32(crc, reinterpret_cast<const Bytef*>(buffer.data()), static_cast<uInt>(piece));
      at += piece;
      left -= piece;
    }
    if (static_cast<std::uint32_t>(crc) != *header->checksum) return page;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> damaged_page_in(const PageMap& map, std::uint64_t offset,
                                             std::string_view bytes) {
  const std::uint64_t end = offset + bytes.size();
  for (auto chunk = std::ranges::lower_bound(map.chunks, offset, {}, &ParquetChunk::offset);
       chunk != map.chunks.end() && chunk->offset < end; ++chunk) {
    if (chunk->length > end - chunk->offset) continue;
    auto pages = bytes.substr(chunk->offset - offset, chunk->length);
    for (std::uint64_t at = chunk->offset; !pages.empty();) {
      const auto header = page_header(pages);
      if (!header || header->body > pages.size() - header->header ||
          header->body > std::numeric_limits<uInt>::max()) {
        break;
      }
      const auto body = pages.substr(header->header, header->body);
      if (header->checksum &&
          static_cast<std::uint32_t>(crc32(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(body.data()),
                                           static_cast<uInt>(body.size()))) != *header->checksum) {
        return at;
      }
      at += header->header + header->body;
      pages.remove_prefix(header->header + header->body);
    }
  }
  return std::nullopt;
}

std::string damaged_page_text(std::uint64_t offset) {
  return fmt::format("The page at byte {} does not have the bytes of its checksum.", offset);
}

PageMap page_map_of(std::uint64_t file_size, const ReadBytes& read) {
  char trailer[kTrailer];
  if (file_size < kTrailer || !read(file_size - kTrailer, trailer, kTrailer)) return {};
  std::uint32_t length = 0;  // little-endian, as every machine that DuckDB runs on
  std::memcpy(&length, trailer, sizeof length);
  if (std::string_view(trailer + 4, 4) != "PAR1" || length > kLongestFooter ||
      length > file_size - kTrailer) {
    return {};
  }
  std::string footer(length, '\0');
  if (!read(file_size - kTrailer - length, footer.data(), length)) return {};
  return page_map(footer, file_size);
}

}  // namespace offloader::duckdb
