#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

// Parquet files made by hand, for what DuckDB itself does not write: logical types, checksums, damage. One
// row group, each column OPTIONAL and in one page; PLAIN and uncompressed unless a column says otherwise.
namespace offloader::engine::parquet_bytes {

// A struct of Thrift's compact protocol; fields in ascending order.
class Struct {
 public:
  Struct& i32(int id, std::int64_t value) { return zigzag_field(id, 5, value); }
  Struct& i64(int id, std::int64_t value) { return zigzag_field(id, 6, value); }
  Struct& flag(int id, bool value) { return begin(id, value ? 1 : 2); }
  Struct& text(int id, const std::string& value) {
    begin(id, 8);
    varint(value.size());
    out_ += value;
    return *this;
  }
  Struct& inner(int id, const Struct& value) {
    begin(id, 12);
    out_ += value.bytes();
    return *this;
  }
  Struct& list(int id, const std::vector<Struct>& values) {
    list_of(id, 12, values.size());
    for (const auto& value : values) out_ += value.bytes();
    return *this;
  }
  Struct& texts(int id, const std::vector<std::string>& values) {
    list_of(id, 8, values.size());
    for (const auto& value : values) {
      varint(value.size());
      out_ += value;
    }
    return *this;
  }
  Struct& numbers(int id, const std::vector<int>& values) {
    list_of(id, 5, values.size());
    for (const int value : values) varint(static_cast<std::uint64_t>(value) << 1);
    return *this;
  }
  [[nodiscard]] std::string bytes() const { return out_ + '\0'; }

 private:
  Struct& begin(int id, int type) {
    out_ += static_cast<char>(((id - last_) << 4) | type);  // ids are fewer than 16 apart
    last_ = id;
    return *this;
  }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(0x80 | (value & 0x7F));
    out_ += static_cast<char>(value);
  }
  Struct& zigzag_field(int id, int type, std::int64_t value) {
    begin(id, type);
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    return *this;
  }
  void list_of(int id, int type, std::size_t size) {
    begin(id, 9);
    if (size < 15) {
      out_ += static_cast<char>((size << 4) | static_cast<std::size_t>(type));
    } else {
      out_ += static_cast<char>(0xF0 | type);
      varint(size);
    }
  }
  std::string out_;
  int last_ = 0;
};

enum Physical { kInt32 = 1, kInt64 = 2, kInt96 = 3, kBytes = 6, kFixed = 7 };

struct Column {
  std::string name;
  Physical physical = kInt32;
  std::vector<std::string> values;  // each as PLAIN has it
  Struct logical{};                 // the union's member; empty: none
  int fixed_length = 0;
  int encoding = 0;    // PLAIN
  int codec = 0;       // uncompressed
  int converted = -1;  // -1: none
  bool has_logical = false;
  bool all_null = false;  // `values` then tells the number of rows alone
  // Where the encoding is not PLAIN: the page's values, of which `values` then tells the number alone.
  std::string encoded{};
  std::string (*compress)(const std::string&) = nullptr;  // by `codec`
  bool v2 = false;
  // What the header says, where it lies.
  std::int64_t page_count = kTruth;
  std::int64_t uncompressed_size = kTruth;
  std::int64_t level_size = kTruth;
  bool says_uncompressed = false;

  static constexpr std::int64_t kTruth = -1000;
  static std::int64_t said(std::int64_t lie, std::size_t truth) {
    return lie == kTruth ? static_cast<std::int64_t>(truth) : lie;
  }
};

template <typename T>
std::string plain(T value) {
  std::string out(sizeof value, '\0');
  std::memcpy(out.data(), &value, sizeof value);
  return out;
}
inline std::string plain_text(const std::string& value) {
  return plain(static_cast<std::uint32_t>(value.size())) + value;
}

// CRC-32 as in gzip.
inline std::uint32_t crc_of(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

inline std::string file_of(const std::vector<Column>& columns, bool checksums = false) {
  std::string out = "PAR1";
  std::vector<Struct> chunks;
  std::vector<Struct> schema{Struct().text(4, "schema").i32(5, static_cast<std::int64_t>(columns.size()))};
  std::int64_t total = 0;
  std::int64_t rows = 0;
  for (const auto& column : columns) {
    rows = static_cast<std::int64_t>(column.values.size());
    std::string levels;
    std::string values;
    for (const auto& value : column.values) {
      levels += '\x02';  // a run of one
      levels += column.all_null ? '\0' : '\x01';
      if (!column.all_null) values += value;
    }
    if (!column.encoded.empty()) values = column.encoded;
    const auto squeeze = [&](const std::string& in) {
      return column.compress != nullptr ? column.compress(in) : in;
    };
    const auto before = plain(static_cast<std::uint32_t>(levels.size())) + levels;
    const auto whole = column.v2 ? levels.size() + values.size() : before.size() + values.size();
    const auto body = column.v2 ? levels + squeeze(values) : squeeze(before + values);
    Struct header;
    header.i32(1, column.v2 ? 3 : 0)
        .i32(2, Column::said(column.uncompressed_size, whole))
        .i32(3, static_cast<std::int64_t>(body.size()));
    if (checksums) header.i32(4, static_cast<std::int32_t>(crc_of(body)));
    const auto count = Column::said(column.page_count, column.values.size());
    if (column.v2) {
      header.inner(8, Struct()
                          .i32(1, count)
                          .i32(2, 0)
                          .i32(3, rows)
                          .i32(4, column.encoding)
                          .i32(5, Column::said(column.level_size, levels.size()))
                          .i32(6, 0)
                          .flag(7, !column.says_uncompressed));
    } else {
      header.inner(5, Struct().i32(1, count).i32(2, column.encoding).i32(3, 3).i32(4, 3));
    }
    const auto offset = static_cast<std::int64_t>(out.size());
    const auto page = header.bytes() + body;
    out += page;
    const auto size = static_cast<std::int64_t>(page.size());
    total += size;
    chunks.push_back(Struct().i64(2, offset).inner(3, Struct()
                                                          .i32(1, column.physical)
                                                          .numbers(2, {column.encoding, 3})
                                                          .texts(3, {column.name})
                                                          .i32(4, column.codec)
                                                          .i64(5, rows)
                                                          .i64(6, size)
                                                          .i64(7, size)
                                                          .i64(9, offset)));
    Struct element;
    element.i32(1, column.physical);
    if (column.fixed_length > 0) element.i32(2, column.fixed_length);
    element.i32(3, 1).text(4, column.name);
    if (column.converted >= 0) element.i32(6, column.converted);
    if (column.has_logical) element.inner(10, column.logical);
    schema.push_back(element);
  }
  const auto group = Struct().list(1, chunks).i64(2, total).i64(3, rows);
  const auto footer =
      Struct().i32(1, 1).list(2, schema).i64(3, rows).list(4, {group}).text(6, "by hand").bytes();
  return out + footer + plain(static_cast<std::uint32_t>(footer.size())) + "PAR1";
}

}  // namespace offloader::engine::parquet_bytes
