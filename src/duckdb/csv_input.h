#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "offloader/base/result.h"
#include "offloader/manifest/csv_dialect.h"
#include "read_ahead.h"

// The bytes of one CSV file on their way to a reader: fetched, decompressed and decoded to UTF-8, piece by
// piece, in bounded memory.
namespace offloader::duckdb {

// One file from front to back. One thread at a time. Errors: `rejected` for what is wrong with the file (the
// message is for a person, the detail says what to do), else why it cannot be read.
class ByteInput {
 public:
  ByteInput() = default;
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;
  virtual ~ByteInput() = default;

  // Between 1 and `length` bytes; 0 at the end only. `length` is at least 64.
  [[nodiscard]] virtual Result<std::uint64_t> read(char* buffer, std::uint64_t length) = 0;
  virtual void rewind() = 0;  // to the first byte

  // Bytes of the file itself, for seek() and for progress.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  [[nodiscard]] virtual std::uint64_t consumed() const = 0;
  // Whether what is read are the file's own bytes, so that reading can go on from any of them.
  [[nodiscard]] virtual bool seekable() const { return false; }
  virtual void seek(std::uint64_t /*position*/) {}
};

enum class Compression { none, gzip, zstd };

// By the end of the file's name.
[[nodiscard]] Compression compression_of(std::string_view name);

// A file of this machine. `unavailable` when it cannot be opened.
[[nodiscard]] Result<std::unique_ptr<ByteInput>> open_local_input(const std::filesystem::path& path);
// The file on disk that was pinned as `object`, and no other: see object_store::LocalInput.
[[nodiscard]] Result<std::unique_ptr<ByteInput>> open_local_input(const object_store::ObjectInfo& object);

// A file of a store; `files` and `file` outlive it.
[[nodiscard]] std::unique_ptr<ByteInput> open_pinned_input(const PinnedFiles& files, const PinnedFile& file,
                                                           ReadAhead::Watch watch);

[[nodiscard]] std::unique_ptr<ByteInput> decompressed(std::unique_ptr<ByteInput> input,
                                                      Compression compression);

// As UTF-8. UTF-8 passes as it is; a byte order mark is kept for that and left out for the others.
[[nodiscard]] std::unique_ptr<ByteInput> decoded(std::unique_ptr<ByteInput> input,
                                                 manifest::CsvEncoding encoding);

// Lines that end in CRLF here and in LF there end in LF everywhere; what stands in quotes stays as it is.
[[nodiscard]] std::unique_ptr<ByteInput> with_even_lines(std::unique_ptr<ByteInput> input,
                                                         const manifest::CsvDialect& dialect);

}  // namespace offloader::duckdb
