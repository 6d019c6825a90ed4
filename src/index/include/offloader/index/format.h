#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

// The bytes of a columnar index file, as docs/index-format.md describes them: little endian, every section at
// a multiple of 64, the header and the directory under hashes of their own.
namespace offloader::index {

static_assert(std::endian::native == std::endian::little, "index files are mapped as they are");

constexpr char kMagic[8] = {'O', 'F', 'F', 'L', 'I', 'D', 'X', '\n'};
constexpr std::uint32_t kVersion = 4;
constexpr std::uint64_t kAlignment = 64;
// Bounds are kept per this many rows. 1024 narrow values are a few KiB: a batch stays in the first cache.
constexpr std::uint32_t kBlockRows = 1024;
// Row numbers are 32 bits wide in the executor; a larger table goes without an index.
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
  std::uint32_t tenant_column;  // ordinal among the columns, or kNoColumn
  std::uint32_t sort_columns;   // rows were seen to be in the order of this many
  std::uint32_t sort_column[kMaxSortColumns];
  std::uint32_t reserved[3];
  char snapshot[kFingerprintBytes];  // the fingerprint of the snapshot's rows, in hexadecimal
  std::uint64_t layout;              // layout_id() of the columns and the order that were asked for
  std::uint64_t reserved2[3];
  std::uint64_t header_hash;  // of all bytes before it
};
static_assert(sizeof(Header) == 192 && offsetof(Header, header_hash) == 184);

struct ColumnEntry {
  char name[64];       // NUL-padded
  std::uint8_t type;   // catalog::number_of the ColumnType
  std::uint8_t width;  // bytes per value: 1, 2, 4, 8; 0 for documents
  std::uint8_t nullable;
  std::uint8_t reserved[5];
  std::int64_t base;       // what a stored 0 means
  std::uint64_t max_key;   // greatest stored value that is not null
  std::uint64_t null_key;  // the stored null, above max_key
  std::uint64_t nulls;
  std::uint64_t entries;  // distinct strings of a dictionary
  std::uint64_t reserved2[2];
};
static_assert(sizeof(ColumnEntry) == 128);

enum class Section : std::uint32_t {
  values = 1,
  bounds = 2,        // least and greatest key per block, nulls left out
  text_offsets = 3,  // of dictionary entries or documents, one more than there are
  text_bytes = 4,
  escaped_offsets = 5,  // absent when no entry needs escaping
  escaped_bytes = 6,
  directory_keys = 7,    // distinct keys of the first sort column…
  directory_starts = 8,  // …and the row where each begins, with the row count at the end
  run_keys = 9,          // the second sort column's key in each run of rows with the same first two…
  run_starts = 10,       // …and the row where each run begins, with the row count at the end
  directory_runs = 11,   // for each key of the directory its first run, with the number of runs at the end
  run_sums = 12,         // the sum of a column's keys in each run
};

struct SectionEntry {
  std::uint32_t kind;
  std::uint32_t column;
  std::uint64_t offset;
  std::uint64_t bytes;
  std::uint64_t hash;
};
static_assert(sizeof(SectionEntry) == 32);

// The 64-bit hash of the format: XXH3, unseeded. It guards against damage, not against an adversary. Bytes
// may be fed in pieces.
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

[[nodiscard]] std::uint64_t hash_of(const void* data, std::size_t bytes);

}  // namespace offloader::index
