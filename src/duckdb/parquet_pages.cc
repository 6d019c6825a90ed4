#include "parquet_pages.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "parquet_page_check.h"

namespace offloader::duckdb {
namespace {

constexpr std::uint64_t kPiece = 1 << 20;
constexpr std::uint64_t kHeader = 8 << 10;          // bytes of the first read of a page header
constexpr std::uint64_t kLongestHeader = 64 << 20;  // headers may contain bounds of long texts

DamagedPage damaged(std::uint64_t offset, const PageProblem& problem) {
  return {offset, fmt::format("The page at byte {} {}.", offset, problem.what), problem.too_large};
}

PageProblem other_checksum() {
  return {"does not match its checksum"};
}

std::uint32_t add_to(std::uint32_t crc, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// Whether DuckDB reads on after this many of the chunk's values. It follows page headers, not the chunk's
// length.
bool has_more(const ParquetChunk& chunk, std::uint64_t at, std::uint64_t values) {
  return at < chunk.offset + chunk.length || values < chunk.values;
}

// Reads the page header at `at`; nullopt if there is none.
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

// Checks the pages of a chunk that begins with `bytes`, without copies. Returns false if they are too few,
// and the file has more: then the chunk must be checked again.
bool check_pages_in(const ParquetChunk& chunk, std::string_view bytes, bool more,
                    std::optional<DamagedPage>& damage) {
  std::uint64_t values = 0;
  for (std::uint64_t at = chunk.offset; has_more(chunk, at, values);) {
    const auto header = page_header(bytes);
    if (!header || header->body > bytes.size() - header->header ||
        header->body > std::numeric_limits<uInt>::max()) {
      return !more;
    }
    const auto body = bytes.substr(header->header, header->body);
    if (const auto problem = header_problem(chunk, *header)) {
      damage = damaged(at, *problem);
    } else if (header->checksum && add_to(add_to(0, {}), body) != *header->checksum) {
      damage = damaged(at, other_checksum());
    } else if (needs_body(chunk, *header)) {
      if (const auto found = body_problem(chunk, *header, body)) damage = damaged(at, *found);
    }
    if (damage) return true;
    if (header->is_data()) values += static_cast<std::uint64_t>(header->values.count);
    at += header->header + header->body;
    bytes.remove_prefix(header->header + header->body);
  }
  return true;
}

// Reads a file of which some bytes are in memory, and the others 1 MiB at a time.
class FilePieces {
 public:
  FilePieces(std::uint64_t file_size, std::uint64_t offset, std::string_view bytes, const ReadBytes& read)
      : file_size_(file_size), offset_(offset), bytes_(bytes), read_(read) {}

  Result<void> operator()(std::uint64_t offset, char* buffer, std::uint64_t length) {
    while (length > 0) {
      std::string_view here = part_of(offset_, bytes_, offset);
      if (here.empty()) here = part_of(piece_offset_, piece_, offset);
      if (here.empty()) {
        piece_.resize(std::min(kPiece, file_size_ - offset));
        piece_offset_ = offset;
        if (auto done = read_(offset, piece_.data(), piece_.size()); !done) {
          piece_.clear();
          return done;
        }
        continue;
      }
      const auto count = std::min<std::uint64_t>(length, here.size());
      std::memcpy(buffer, here.data(), count);
      offset += count;
      buffer += count;
      length -= count;
    }
    return {};
  }

 private:
  // Returns the bytes from `offset` on, of those at `begin`; none if `offset` is not among them.
  static std::string_view part_of(std::uint64_t begin, std::string_view bytes, std::uint64_t offset) {
    if (offset < begin || offset - begin >= bytes.size()) return {};
    return bytes.substr(offset - begin);
  }

  const std::uint64_t file_size_;
  const std::uint64_t offset_;
  const std::string_view bytes_;
  const ReadBytes& read_;
  std::string piece_;
  std::uint64_t piece_offset_ = 0;
};

}  // namespace

Result<std::optional<DamagedPage>> damaged_page(const ParquetChunk& chunk, std::uint64_t file_size,
                                                const ReadBytes& read, Checksums checksums) {
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
    const bool summed = header.checksum && checksums == Checksums::verify;
    std::uint32_t crc = add_to(0, {});
    buffer.resize(whole ? header.body : std::min(header.body, kPiece));
    for (std::uint64_t done = 0; (whole || summed) && done < header.body;) {
      const auto piece = std::min(header.body - done, kPiece);
      char* const into = buffer.data() + (whole ? done : 0);
      if (auto come = read(at + done, into, piece); !come) return fail(std::move(come.error()));
      if (summed) crc = add_to(crc, {into, piece});
      done += piece;
    }
    if (summed && crc != *header.checksum) return damaged(page, other_checksum());
    if (whole) {
      if (const auto problem = body_problem(chunk, header, buffer)) return damaged(page, *problem);
    }
    at += header.body;
  }
  return std::nullopt;
}

Result<std::optional<DamagedPage>> damaged_page_in(const PageMap& map, std::uint64_t file_size,
                                                   std::uint64_t offset, std::string_view bytes,
                                                   const ReadBytes& read) {
  const std::uint64_t end = offset + bytes.size();
  for (auto chunk = std::ranges::lower_bound(map.chunks, offset, {}, &ParquetChunk::offset);
       chunk != map.chunks.end() && chunk->offset < end; ++chunk) {
    std::optional<DamagedPage> damage;
    if (!check_pages_in(*chunk, bytes.substr(chunk->offset - offset), end < file_size, damage)) {
      auto found = damaged_page(*chunk, file_size, FilePieces(file_size, offset, bytes, read));
      if (!found) return found;
      damage = std::move(*found);
    }
    if (damage) return damage;
  }
  return std::nullopt;
}

}  // namespace offloader::duckdb
