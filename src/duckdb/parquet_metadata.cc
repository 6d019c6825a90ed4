#include "parquet_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "parquet_schema.h"
#include "thrift_compact.h"

namespace offloader::duckdb {
namespace {

constexpr std::int64_t kFirstOffset = 4;  // after the magic; DuckDB reads less as "no dictionary"

std::uint64_t natural(std::int64_t number) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

struct RowGroup {
  std::vector<std::optional<ParquetChunk>> chunks;  // by leaf; nullopt if it is outside of the file
  std::uint64_t rows = 0;
};

// Reads one column chunk of the footer; nullopt if it is outside of the file, where DuckDB's read fails.
// Metadata that is encrypted or in another file leaves the offset at 0, where DuckDB then looks for pages.
std::optional<ParquetChunk> read_chunk(ThriftCompact& in, std::uint64_t file_size) {
  ParquetChunk out;
  std::int64_t length = 0;
  std::int64_t data = 0;
  std::int64_t dictionary = 0;
  in.fields([&](std::int64_t id, int type) {
    if (id != 3 || type != ThriftCompact::kStruct) return in.skip(type);
    in.fields([&](std::int64_t field, int kind) {
      if (field == 4 && kind == ThriftCompact::kI32) {
        out.codec = in.number32();
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
  const std::int64_t offset = dictionary >= kFirstOffset ? dictionary : data;
  if (in.bad() || offset < 0 || static_cast<std::uint64_t>(offset) >= file_size) return std::nullopt;
  out.offset = static_cast<std::uint64_t>(offset);
  out.length = std::min(natural(length), file_size - out.offset);
  return out;
}

RowGroup read_row_group(ThriftCompact& in, std::uint64_t file_size) {
  RowGroup out;
  in.fields([&](std::int64_t field, int kind) {
    if (field == 1 && kind == ThriftCompact::kList) {
      out.chunks.clear();  // of a field that occurs twice, the last counts
      in.list([&] { out.chunks.push_back(read_chunk(in, file_size)); });
    } else if (field == 3 && kind == ThriftCompact::kI64) {
      out.rows = natural(in.number());
    } else {
      in.skip(kind);
    }
  });
  return out;
}

// Reads the header of a version 1 data page or of a dictionary page, which begin alike.
void read_data_header(ThriftCompact& in, PageHeader::Values& out) {
  in.fields([&](std::int64_t id, int type) {
    if (id == 1 && type == ThriftCompact::kI32) {
      out.count = in.number32();
    } else if (id == 2 && type == ThriftCompact::kI32) {
      out.encoding = in.number32();
    } else {
      in.skip(type);
    }
  });
}

void read_data_header_v2(ThriftCompact& in, PageHeader::Values& out) {
  in.fields([&](std::int64_t id, int type) {
    if (id == 1 && type == ThriftCompact::kI32) {
      out.count = in.number32();
    } else if (id == 4 && type == ThriftCompact::kI32) {
      out.encoding = in.number32();
    } else if (id == 5 && type == ThriftCompact::kI32) {
      out.definition_levels = in.number32();
    } else if (id == 6 && type == ThriftCompact::kI32) {
      out.repetition_levels = in.number32();
    } else if (id == 7 && (type == ThriftCompact::kTrue || type == ThriftCompact::kFalse)) {
      out.compressed = type == ThriftCompact::kTrue;
    } else {
      in.skip(type);
    }
  });
}

}  // namespace

std::optional<PageMap> page_map(std::string_view footer, std::uint64_t file_size) {
  PageMap map;
  ParquetSchema schema;
  std::vector<RowGroup> groups;
  ThriftCompact in(footer);
  in.fields([&](std::int64_t id, int type) {
    if (id == 2 && type == ThriftCompact::kList) {
      schema.clear();
      in.list([&] { schema.push_back(read_schema_element(in)); });
    } else if (id == 4 && type == ThriftCompact::kList) {
      groups.clear();
      in.list([&] { groups.push_back(read_row_group(in, file_size)); });
    } else {
      in.skip(type);
    }
  });
  if (in.bad() || schema.empty()) return std::nullopt;
  const auto leaves = schema_leaves(schema);
  if (!leaves) return std::nullopt;
  map.columns = top_level_columns(schema);
  map.schema_problems = schema_problems(schema);
  for (const auto& group : groups) {
    // DuckDB compares only the first row group with the schema.
    if (group.chunks.size() != leaves->size()) return std::nullopt;
    for (std::size_t i = 0; i < group.chunks.size(); ++i) {
      if (!group.chunks[i]) continue;
      auto& chunk = map.chunks.emplace_back(*group.chunks[i]);
      chunk.column = (*leaves)[i].column;
      chunk.repeated = (*leaves)[i].repeated;
      chunk.optional = (*leaves)[i].optional;
      chunk.values = std::max(chunk.values, group.rows);
    }
  }
  std::ranges::sort(map.chunks, {}, &ParquetChunk::offset);
  map.chunks.shrink_to_fit();
  return map;
}

std::optional<std::uint64_t> footer_length(std::string_view end, std::uint64_t file_size) {
  if (end.size() < kFooterTrailer || !end.ends_with("PAR1")) return std::nullopt;
  std::uint32_t length = 0;  // little-endian, like every machine that DuckDB supports
  std::memcpy(&length, end.data() + end.size() - kFooterTrailer, sizeof length);
  if (length > file_size - kFooterTrailer) return std::nullopt;
  return length;
}

std::string malformed_footer_reason() {
  return "Cannot read the file: its footer is malformed. It may be damaged or incomplete: export it again.";
}

std::string oversized_footer_reason(std::uint64_t length) {
  return fmt::format(
      "The file's footer has {} bytes, and may have {} ({} MiB). Export the data with larger row groups, "
      "fewer "
      "columns or less metadata, or in several files.",
      length, kLongestFooter, kLongestFooter >> 20);
}

Result<Footer> read_footer(std::uint64_t file_size, const ReadBytes& read) {
  if (file_size < kFooterTrailer) return MalformedFooter{};
  char trailer[kFooterTrailer];
  if (auto done = read(file_size - kFooterTrailer, trailer, kFooterTrailer); !done) {
    return fail(std::move(done.error()));
  }
  const auto length = footer_length({trailer, kFooterTrailer}, file_size);
  if (!length) return MalformedFooter{};
  if (*length > kLongestFooter) return OversizedFooter{*length};
  std::string footer(*length, '\0');
  if (auto done = read(file_size - kFooterTrailer - *length, footer.data(), *length); !done) {
    return fail(std::move(done.error()));
  }
  auto map = page_map(footer, file_size);
  if (!map) return MalformedFooter{};
  return std::move(*map);
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
      out.type = in.number32();
    } else if (id == 2 && type == ThriftCompact::kI32) {
      uncompressed = in.number32();
    } else if (id == 3 && type == ThriftCompact::kI32) {
      body = in.number32();
    } else if (id == 4 && type == ThriftCompact::kI32) {
      out.checksum = static_cast<std::uint32_t>(in.number32());
    } else if (id == 5 && type == ThriftCompact::kStruct) {
      read_data_header(in, data);
    } else if (id == 7 && type == ThriftCompact::kStruct) {
      read_data_header(in, dictionary);
    } else if (id == 8 && type == ThriftCompact::kStruct) {
      read_data_header_v2(in, data_v2);
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

}  // namespace offloader::duckdb
