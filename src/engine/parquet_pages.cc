#include "parquet_pages.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "parquet_page_check.h"

namespace offloader::engine {
namespace {

constexpr std::uint64_t kPiece = 1 << 20;
constexpr std::uint64_t kHeader = 8 << 10;          // of a page, in one read
constexpr std::uint64_t kLongestHeader = 64 << 20;  // with bounds of long texts

DamagedPage damaged(std::uint64_t offset, const PageProblem& problem) {
  return {offset, fmt::format("The page at byte {} {}.", offset, problem.what), problem.too_large};
}

PageProblem other_checksum() {
  return {"does not have the bytes of its checksum"};
}

std::uint32_t add_to(std::uint32_t crc, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// Whether DuckDB goes on after `values` of a chunk's values: it follows the headers, not the chunk's length.
bool has_more(const ParquetChunk& chunk, std::uint64_t at, std::uint64_t values) {
  return at < chunk.offset + chunk.length || values < chunk.values;
}

// The header of the page at `at`. Nothing where there is none.
Result<std::optional<PageHeader>> read_header(std::uint64_t at, std::uint64_t end, const ReadBytes& read,
                                              std::string& buffer) {
  for (std::uint64_t size = kHeader;; size *= 8) {
    size = std::min(size, end - at);
    buffer.resize(size);
    if (auto done = read(at, buffer.data(), size); !done) return fail(std::move(done.error()));
    auto header = page_header(buffer);
    if (header || size == end - at || size > kLongestHeader) return header;
  }
}

}  // namespace

Result<std::optional<DamagedPage>> damaged_page(const ParquetChunk& chunk, std::uint64_t file_size,
                                                const ReadBytes& read) {
  std::string buffer;
  std::uint64_t values = 0;
  for (std::uint64_t at = chunk.offset; at < file_size && has_more(chunk, at, values);) {
    const auto found = read_header(at, file_size, read, buffer);
    if (!found) return fail(found.error());
    if (!*found) return std::nullopt;
    const PageHeader& header = **found;
    const std::uint64_t page = at;
    at += header.header;
    if (header.body > file_size - at) return std::nullopt;
    if (const auto problem = header_problem(chunk, header)) return damaged(page, *problem);
    if (header.is_data()) values += static_cast<std::uint64_t>(header.values.count);
    const bool whole = needs_body(chunk, header);
    std::uint32_t crc = add_to(0, {});
    buffer.resize(whole ? header.body : std::min(header.body, kPiece));
    for (std::uint64_t done = 0; (whole || header.checksum) && done < header.body;) {
      const auto piece = std::min(header.body - done, kPiece);
      char* const into = buffer.data() + (whole ? done : 0);
      if (auto come = read(at + done, into, piece); !come) return fail(std::move(come.error()));
      if (header.checksum) crc = add_to(crc, {into, piece});
      done += piece;
    }
    if (header.checksum && crc != *header.checksum) return damaged(page, other_checksum());
    if (whole) {
      if (const auto problem = body_problem(chunk, header, buffer)) return damaged(page, *problem);
    }
    at += header.body;
  }
  return std::nullopt;
}

std::optional<DamagedPage> damaged_page_in(const PageMap& map, std::uint64_t offset, std::string_view bytes) {
  const std::uint64_t end = offset + bytes.size();
  for (auto chunk = std::ranges::lower_bound(map.chunks, offset, {}, &ParquetChunk::offset);
       chunk != map.chunks.end() && chunk->offset < end; ++chunk) {
    if (chunk->length > end - chunk->offset) continue;
    std::uint64_t values = 0;
    auto pages = bytes.substr(chunk->offset - offset);
    for (std::uint64_t at = chunk->offset; !pages.empty() && has_more(*chunk, at, values);) {
      const auto header = page_header(pages);
      if (!header || header->body > pages.size() - header->header ||
          header->body > std::numeric_limits<uInt>::max()) {
        break;
      }
      const auto body = pages.substr(header->header, header->body);
      if (const auto problem = header_problem(*chunk, *header)) return damaged(at, *problem);
      if (header->is_data()) values += static_cast<std::uint64_t>(header->values.count);
      if (header->checksum && add_to(add_to(0, {}), body) != *header->checksum) {
        return damaged(at, other_checksum());
      }
      if (needs_body(*chunk, *header)) {
        if (const auto problem = body_problem(*chunk, *header, body)) return damaged(at, *problem);
      }
      at += header->header + header->body;
      pages.remove_prefix(header->header + header->body);
    }
  }
  return std::nullopt;
}

}  // namespace offloader::engine
