#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

// The layout of a columnar index file (docs/index-format.md). Integers are little endian, every section
// starts at a multiple of 64 bytes, and the header, the directory and each section have their own hashes.
namespace offloader::index {

static_assert(std::endian::native == std::endian::little, "index files are mapped as they are");

constexpr char kMagic[8] = {'O', 'F', 'F', 'L', 'I', 'D', 'X', '\n'};
constexpr std::uint32_t kVersion = 5;
constexpr std::uint64_t kAlignment = 64;
// Rows per block; each block has its own bounds. 1024 narrow values take a few KiB, so a batch stays in the
// L1 cache.
constexpr std::uint32_t kBlockRows = 1024;
// The executor uses 32-bit row numbers. A larger table gets no index.
constexpr std::uint64_t kMaxRows = 0xFFFF'FFF0ULL;
constexpr std::uint32_t kMaxColumns = 4096;
constexpr std::uint32_t kMaxSortColumns = 8;
constexpr std::uint32_t kNoColumn = 0xFFFF'FFFFU;
constexpr std::size_t kFingerprintBytes = 32;

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t header_bytes;
  std::uint64_t file_bytes;
  std::uint64_t rows;
  std::uint32_t columns;
  std::uint32_t sections;
  std::uint64_t directory_offset;
  std::uint64_t directory_bytes;
  std::uint64_t directory_hash;
  std::uint32_t block_rows;
  std::uint32_t tenant_column;                 // its ordinal among the columns, or kNoColumn
  std::uint32_t sort_columns;                  // how many; the writer has checked that the rows are sorted
  std::uint32_t sort_column[kMaxSortColumns];  // their ordinals
  std::uint32_t reserved[3];
  char snapshot[kFingerprintBytes];  // the fingerprint of the snapshot's rows, as hexadecimal digits
  std::uint64_t layout;              // layout_id() of the requested columns and order
  std::uint64_t reserved2[3];
  std::uint64_t header_hash;  // of all preceding bytes of the header
};
static_assert(sizeof(Header) == 192 && offsetof(Header, header_hash) == 184);

struct ColumnEntry {
  char name[64];       // NUL-padded
  std::uint8_t type;   // catalog::number_of the ColumnType
  std::uint8_t width;  // bytes per value: 1, 2, 4 or 8; 0 for JSON
  std::uint8_t nullable;
  std::uint8_t precision;  // DECIMAL: its digits, and those after the point; else 0
  std::uint8_t scale;
  std::uint8_t reserved[3];
  std::int64_t base;       // the value that is stored as 0
  std::uint64_t max_key;   // the greatest stored value that is not null
  std::uint64_t null_key;  // the stored value that means null; above max_key
  std::uint64_t nulls;     // how many values are null
  std::uint64_t entries;   // VARCHAR and UUID: distinct texts; JSON: rows; else 0
  std::uint64_t reserved2[2];
};
static_assert(sizeof(ColumnEntry) == 128);

enum class Section : std::uint32_t {
  values = 1,
  bounds = 2,        // the least and the greatest key of each block, nulls excluded
  text_offsets = 3,  // of dictionary entries or documents, and one more for the end
  text_bytes = 4,
  escaped_offsets = 5,  // the dictionary escaped for JSON; absent if no entry needs escaping
  escaped_bytes = 6,
  directory_keys = 7,    // the distinct keys of the first sort column
  directory_starts = 8,  // the first row of each directory key, then the row count
  run_keys = 9,          // the second sort column's key in each run (rows with equal first two sort keys)
  run_starts = 10,       // the first row of each run, then the row count
  directory_runs = 11,   // the first run of each directory key, then the number of runs
  run_sums = 12,         // the sum of a column's keys in each run
};

struct SectionEntry {
  std::uint32_t kind;    // a Section
  std::uint32_t column;  // its ordinal
  std::uint64_t offset;  // in the file
  std::uint64_t bytes;
  std::uint64_t hash;
};
static_assert(sizeof(SectionEntry) == 32);

// The 64-bit hash of the format: XXH3, unseeded. It detects damage; it does not protect against an adversary.
// Bytes may be added in pieces. One thread at a time.
class Hash {
 public:
  Hash();
  Hash(Hash&&) noexcept;
  Hash& operator=(Hash&&) noexcept;
  ~Hash();

  void update(const void* data, std::size_t bytes);
  [[nodiscard]] std::uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same hash of one piece.
[[nodiscard]] std::uint64_t hash_of(const void* data, std::size_t bytes);

}  // namespace offloader::index
