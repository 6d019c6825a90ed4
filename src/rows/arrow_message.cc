#include "arrow_message.h"

#include <flatbuffers/flatbuffers.h>

#include "offloader/base/little_endian.h"

namespace offloader::rows::arrow {
namespace {

using catalog::ColumnType;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using Table = Offset<void>;

// The place of a table's field `index` in its vtable.
constexpr flatbuffers::voffset_t field(int index) {
  return static_cast<flatbuffers::voffset_t>(4 + 2 * index);
}

constexpr std::int16_t kVersion5 = 4;
enum class Header : std::uint8_t { schema = 1, record_batch = 3 };
enum class TypeId : std::uint8_t {
  integer = 2,
  floating = 3,
  utf8 = 5,
  boolean = 6,
  decimal = 7,
  date = 8,
  timestamp = 10,
};

struct Type {
  TypeId id;
  Table table;
};

// Calls `add(builder)`, which adds the fields of a table.
template <typename Add>
Table make_table(FlatBufferBuilder& builder, Add add) {
  const auto start = builder.StartTable();
  add(builder);
  return Table(builder.EndTable(start));
}

template <typename T>
void add_number(FlatBufferBuilder& builder, int index, T value) {
  // A value equal to its default would be left out, and the defaults of the schema are not known here.
  builder.AddElement<T>(field(index), value);
}

Type integer(FlatBufferBuilder& builder, std::int32_t bits) {
  return {TypeId::integer, make_table(builder, [&](auto& to) {
            add_number<std::int32_t>(to, 0, bits);
            add_number<std::uint8_t>(to, 1, 1);  // signed
          })};
}

Type timestamp(FlatBufferBuilder& builder, const char* zone) {
  constexpr std::int16_t kMicroseconds = 2;
  const auto name = zone != nullptr ? builder.CreateString(zone) : Offset<flatbuffers::String>();
  return {TypeId::timestamp, make_table(builder, [&](auto& to) {
            add_number<std::int16_t>(to, 0, kMicroseconds);
            if (zone != nullptr) to.AddOffset(field(1), name);
          })};
}

Type type_of(FlatBufferBuilder& builder, catalog::SizedType type) {
  const auto empty = [](auto&) {};
  switch (type.type) {
    case ColumnType::boolean:
      return {TypeId::boolean, make_table(builder, empty)};
    case ColumnType::integer:
      return integer(builder, 32);
    case ColumnType::bigint:
      return integer(builder, 64);
    case ColumnType::float64:
      return {TypeId::floating, make_table(builder, [](auto& to) {
                constexpr std::int16_t kDouble = 2;
                add_number<std::int16_t>(to, 0, kDouble);
              })};
    case ColumnType::decimal:
      return {TypeId::decimal, make_table(builder, [&](auto& to) {
                add_number<std::int32_t>(to, 0, type.size.precision);
                add_number<std::int32_t>(to, 1, type.size.scale);
                add_number<std::int32_t>(to, 2, 128);  // bits
              })};
    case ColumnType::date:
      return {TypeId::date, make_table(builder, [](auto& to) {
                constexpr std::int16_t kDays = 0;
                add_number<std::int16_t>(to, 0, kDays);
              })};
    case ColumnType::timestamp:
      return timestamp(builder, nullptr);
    case ColumnType::timestamptz:
      return timestamp(builder, "UTC");
    case ColumnType::varchar:
    case ColumnType::uuid:
    case ColumnType::json:
      break;
  }
  return {TypeId::utf8, make_table(builder, empty)};
}

Table field_table(FlatBufferBuilder& builder, const Field& column) {
  const auto name = builder.CreateString(column.name);
  const Type type = type_of(builder, column.type);
  const auto children = builder.CreateVector(std::vector<Table>());
  return make_table(builder, [&](auto& to) {
    to.AddOffset(field(0), name);
    add_number<std::uint8_t>(to, 1, 1);  // nullable
    add_number<std::uint8_t>(to, 2, static_cast<std::uint8_t>(type.id));
    to.AddOffset(field(3), type.table);
    to.AddOffset(field(5), children);
  });
}

// Makes a message of the metadata: a mark, the size, and the flatbuffer up to an aligned end.
std::string message(FlatBufferBuilder& builder, Header header, Table table, std::int64_t body_size) {
  builder.Finish(make_table(builder, [&](auto& to) {
    add_number<std::int64_t>(to, 3, body_size);
    to.AddOffset(field(2), table);
    add_number<std::int16_t>(to, 0, kVersion5);
    add_number<std::uint8_t>(to, 1, static_cast<std::uint8_t>(header));
  }));
  constexpr std::size_t kBefore = 8;
  const std::size_t size = builder.GetSize();
  const std::size_t padded = (size + kBefore + kAlignment - 1) / kAlignment * kAlignment - kBefore;
  std::string out;
  out.reserve(kBefore + padded);
  append_le32(out, 0xFFFF'FFFFU);
  append_le32(out, static_cast<std::uint32_t>(padded));
  out.append(reinterpret_cast<const char*>(builder.GetBufferPointer()), size);
  out.append(padded - size, '\0');
  return out;
}

}  // namespace

std::string schema_message(std::span<const Field> fields) {
  FlatBufferBuilder builder;
  std::vector<Table> tables;
  tables.reserve(fields.size());
  for (const Field& each : fields) tables.push_back(field_table(builder, each));
  const auto list = builder.CreateVector(tables);
  const Table schema = make_table(builder, [&](auto& to) {
    add_number<std::int16_t>(to, 0, 0);  // little endian
    to.AddOffset(field(1), list);
  });
  return message(builder, Header::schema, schema, 0);
}

std::string record_batch_head(std::int64_t rows, std::span<const Node> nodes, std::span<const Buffer> buffers,
                              std::int64_t body_size) {
  static_assert(sizeof(Node) == 16 && sizeof(Buffer) == 16);
  FlatBufferBuilder builder;
  const auto node_list = builder.CreateVectorOfStructs(nodes.data(), nodes.size());
  const auto buffer_list = builder.CreateVectorOfStructs(buffers.data(), buffers.size());
  const Table batch = make_table(builder, [&](auto& to) {
    add_number<std::int64_t>(to, 0, rows);
    to.AddOffset(field(1), node_list);
    to.AddOffset(field(2), buffer_list);
  });
  return message(builder, Header::record_batch, batch, body_size);
}

std::string end_of_stream() {
  std::string out;
  append_le32(out, 0xFFFF'FFFFU);
  append_le32(out, 0);
  return out;
}

}  // namespace offloader::rows::arrow
