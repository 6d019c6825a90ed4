#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/manifest/csv_dialect.h"
#include "read_ahead.h"

// The bytes of one CSV file on their way to a reader: fetched, decompressed and decoded to UTF-8 in pieces,
// in bounded memory.
namespace offloader::duckdb {

// Reads one file from front to back. One thread at a time. Errors: `rejected` if the file is malformed (the
// message is for people, the detail says what to do), otherwise the reason why it cannot be read.
class ByteInput {
 public:
  ByteInput() = default;
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;
  virtual ~ByteInput() = default;

  // Reads between 1 and `length` bytes; returns 0 only at the end. Requires: `length` is at least 64.
  [[nodiscard]] virtual Result<std::uint64_t> read(char* buffer, std::uint64_t length) = 0;
  virtual void rewind() = 0;  // to the first byte

  // The size of the file, and the bytes read from it so far, before decompression; for seek() and for
  // progress.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  [[nodiscard]] virtual std::uint64_t consumed() const = 0;
  // Whether read() returns the file's own bytes, so that seek() may continue at any of them.
  [[nodiscard]] virtual bool seekable() const { return false; }
  virtual void seek(std::uint64_t /*position*/) {}
};

enum class Compression { none, gzip, zstd };

// Detects the compression by the file name: .gz, .zst, or none.
[[nodiscard]] Compression compression_of(std::string_view name);

// Opens a local file. Errors: `unavailable` if it cannot be opened.
[[nodiscard]] Result<std::unique_ptr<ByteInput>> open_local_input(const std::filesystem::path& path);
// Opens the local file that was pinned as `object`, and no other: see object_store::LocalInput.
[[nodiscard]] Result<std::unique_ptr<ByteInput>> open_local_input(const object_store::ObjectInfo& object);

// Opens a file of a store. `files` and `file` must outlive the result.
[[nodiscard]] std::unique_ptr<ByteInput> open_pinned_input(const PinnedFiles& files, const PinnedFile& file,
                                                           ReadAhead::Watch watch);

// Decompresses. Compression::none returns `input` itself.
[[nodiscard]] std::unique_ptr<ByteInput> decompressed(std::unique_ptr<ByteInput> input,
                                                      Compression compression);

// Decodes to UTF-8. UTF-8 input passes unchanged, with its byte order mark; other encodings lose theirs.
[[nodiscard]] std::unique_ptr<ByteInput> decoded(std::unique_ptr<ByteInput> input,
                                                 manifest::CsvEncoding encoding);

// Removes the CR of each CRLF outside of quotes, so that lines that end in CRLF or LF all end in LF.
[[nodiscard]] std::unique_ptr<ByteInput> with_even_lines(std::unique_ptr<ByteInput> input,
                                                         const manifest::CsvDialect& dialect);

// DuckDB rejects a NULL text that contains the escape, such as \N, so such texts are replaced on the way, by
// a text that nobody writes. Where they are quoted, they are values.
inline constexpr std::string_view kNullText = "\x01\x01";
[[nodiscard]] bool needs_plain_nulls(const manifest::CsvDialect& dialect);
[[nodiscard]] std::unique_ptr<ByteInput> with_plain_nulls(std::unique_ptr<ByteInput> input,
                                                          const manifest::CsvDialect& dialect);
// Returns the NULL texts to give to DuckDB; at least one.
[[nodiscard]] std::vector<std::string> nulls_for_duckdb(const manifest::CsvDialect& dialect);

}  // namespace offloader::duckdb
