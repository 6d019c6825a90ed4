#include "parquet_metadata.h"

#include <algorithm>
#include <cstring>

#include "parquet_schema.h"
#include "thrift_compact.h"

namespace offloader::engine {
namespace {

constexpr std::uint64_t kLongestFooter = 64 << 20;
constexpr std::uint64_t kTrailer = 8;     // the footer's length and the magic
constexpr std::int64_t kFirstOffset = 4;  // after the magic; DuckDB takes less for "no dictionary"

std::uint64_t natural(std::int64_t number) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

struct RowGroup {
  std::vector<std::optional<ParquetChunk>> chunks;  // by leaf; nothing of one that cannot be read by its map
  std::uint64_t rows = 0;
};

// One ParquetChunk of the footer. Nothing of one whose metadata is elsewhere or encrypted.
std::optional<ParquetChunk> read_chunk(ThriftCompact& in, std::uint64_t file_size) {
  ParquetChunk out;
  std::int64_t length = 0;
  std::int64_t data = 0;
  std::int64_t dictionary = 0;
  in.fields([&](std::int64_t id, int type) {
    if (id != 3 || type != ThriftCompact::kStruct) return in.skip(type);
    in.fields([&](std::int64_t field, int kind) {
      if (field == 4 && kind == ThriftCompact::kI32) {
        out.codec = in.number();
      } else if (field == 5 && kind == ThriftCompact::kI64) {
        out.values = natural(in.number());
      } else if (field == 7 && kind == ThriftCompact::kI64) {
        length = in.number();
      } else if (field == 9 && kind == ThriftCompact::kI64) {
        data = in.number();
      } else if (field == 11 && kind == ThriftCompact::kI64) {
        dictionary = in.number();
      } else {
        in.skip(kind);
      }
    });
  });
  out.offset = natural(dictionary >= kFirstOffset ? dictionary : data);
  if (in.bad() || out.offset == 0 || out.offset >= file_size) return std::nullopt;
  out.length = std::min(natural(length), file_size - out.offset);
  return out;
}

RowGroup read_row_group(ThriftCompact& in, std::uint64_t file_size) {
  RowGroup out;
  in.fields([&](std::int64_t field, int kind) {
    if (field == 1 && kind == ThriftCompact::kList) {
      in.list([&] { out.chunks.push_back(read_chunk(in, file_size)); });
    } else if (field == 3 && kind == ThriftCompact::kI64) {
      out.rows = natural(in.number());
    } else {
      in.skip(kind);
    }
  });
  return out;
}

// Of a data page of the first version or of a dictionary, which begin alike.
PageHeader::Values read_data_header(ThriftCompact& in) {
  PageHeader::Values out;
  in.fields([&](std::int64_t id, int type) {
    if (id == 1 && type == ThriftCompact::kI32) {
      out.count = in.number();
    } else if (id == 2 && type == ThriftCompact::kI32) {
      out.encoding = in.number();
    } else {
      in.skip(type);
    }
  });
  return out;
}

PageHeader::Values read_data_header_v2(ThriftCompact& in) {
  PageHeader::Values out;
  in.fields([&](std::int64_t id, int type) {
    if (id == 1 && type == ThriftCompact::kI32) {
      out.count = in.number();
    } else if (id == 4 && type == ThriftCompact::kI32) {
      out.encoding = in.number();
    } else if (id == 5 && type == ThriftCompact::kI32) {
      out.definition_levels = in.number();
    } else if (id == 6 && type == ThriftCompact::kI32) {
      out.repetition_levels = in.number();
    } else if (id == 7 && (type == ThriftCompact::kTrue || type == ThriftCompact::kFalse)) {
      out.compressed = type == ThriftCompact::kTrue;
    } else {
      in.skip(type);
    }
  });
  return out;
}

}  // namespace

PageMap page_map(std::string_view footer, std::uint64_t file_size) {
  PageMap map;
  ParquetSchema schema;
  std::vector<RowGroup> groups;
  ThriftCompact in(footer);
  in.fields([&](std::int64_t id, int type) {
    if (id == 2 && type == ThriftCompact::kList) {
      in.list([&] { schema.push_back(read_schema_element(in)); });
    } else if (id == 4 && type == ThriftCompact::kList) {
      in.list([&] { groups.push_back(read_row_group(in, file_size)); });
    } else {
      in.skip(type);
    }
  });
  if (in.bad()) return {};
  map.columns = top_level_columns(schema);
  const auto leaves = schema_leaves(schema);
  map.schema_problems = schema_problems(schema);
  for (const auto& group : groups) {
    for (std::size_t i = 0; i < group.chunks.size(); ++i) {
      if (!group.chunks[i] || i >= leaves.size()) continue;  // DuckDB refuses what is not of the schema
      auto& chunk = map.chunks.emplace_back(*group.chunks[i]);
      chunk.column = leaves[i].column;
      chunk.repeated = leaves[i].repeated;
      chunk.optional = leaves[i].optional;
      chunk.values = std::max(chunk.values, group.rows);
    }
  }
  std::ranges::sort(map.chunks, {}, &ParquetChunk::offset);
  return map;
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

std::optional<PageHeader> page_header(std::string_view bytes) {
  ThriftCompact in(bytes);
  PageHeader out;
  PageHeader::Values data;
  PageHeader::Values dictionary;
  PageHeader::Values data_v2;
  std::int64_t body = -1;
  std::int64_t uncompressed = -1;
  in.fields([&](std::int64_t id, int type) {
    if (id == 1 && type == ThriftCompact::kI32) {
      out.type = static_cast<std::int32_t>(in.number());
    } else if (id == 2 && type == ThriftCompact::kI32) {
      uncompressed = in.number();
    } else if (id == 3 && type == ThriftCompact::kI32) {
      body = in.number();
    } else if (id == 4 && type == ThriftCompact::kI32) {
      out.checksum = static_cast<std::uint32_t>(in.number());
    } else if (id == 5 && type == ThriftCompact::kStruct) {
      data = read_data_header(in);
    } else if (id == 7 && type == ThriftCompact::kStruct) {
      dictionary = read_data_header(in);
    } else if (id == 8 && type == ThriftCompact::kStruct) {
      data_v2 = read_data_header_v2(in);
    } else {
      in.skip(type);
    }
  });
  if (in.bad() || body < 0 || uncompressed < 0) return std::nullopt;
  if (out.type == PageHeader::kData) out.values = data;
  if (out.type == PageHeader::kDictionary) out.values = dictionary;
  if (out.type == PageHeader::kDataV2) out.values = data_v2;
  out.header = in.at();
  out.body = static_cast<std::uint64_t>(body);
  out.uncompressed = static_cast<std::uint64_t>(uncompressed);
  return out;
}

}  // namespace offloader::engine
