#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "offloader/catalog/column.h"
#include "offloader/rows/batch.h"

// The fingerprint of a snapshot's rows. Only this code computes it, so every executor gets the same
// fingerprint for the same rows, whatever their storage and order. It detects that rows differ; it does not
// resist an attacker who crafts rows. Thread-safe; nothing here fails.
namespace offloader::executor {

// Writes a hash for each row of a batch to hashes[0] to hashes[rows - 1]. A hash is XXH3 over one 64-bit word
// for each value (little endian), then one bit for each column, set for null. The word of an integer, date,
// timestamp or boolean is its value, whatever its width; of a double its bits; of a text or JSON document the
// XXH3 of its bytes; of a decimal's unscaled value or a UUID the XXH3 of its 16 bytes, little endian; of a
// null 0. Requires: `hashes` has at least as many elements as the batch has rows.
void hash_rows(const rows::Batch& batch, std::span<std::uint64_t> hashes);

// Returns the word of a text or JSON document. A column of these words, as int64, hashes like the texts.
[[nodiscard]] std::uint64_t hash_text(std::string_view text);

// A digest of the hashes of a set of rows, independent of their order.
struct RowsDigest {
  std::uint64_t rows = 0;
  std::uint64_t sum = 0;  // modulo 2^64
  std::uint64_t exclusive_or = 0;

  // Adds the hashes of more rows.
  void add(std::span<const std::uint64_t> hashes);
};

// Returns 32 hexadecimal digits: a hash of the version of this scheme, the columns with their types, and
// `digest`, which must be of rows with their values in the order of `columns`.
[[nodiscard]] std::string fingerprint_of(std::span<const catalog::Column> columns, const RowsDigest& digest);

}  // namespace offloader::executor
