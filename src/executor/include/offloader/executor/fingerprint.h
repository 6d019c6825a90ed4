#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "offloader/catalog/column.h"
#include "offloader/rows/batch.h"

// The fingerprint of a snapshot's rows: computed by this code alone, so that every executor has the same for
// the same rows, whatever it keeps them in and in whatever order. It finds that rows are others; it is no
// protection against someone who makes rows for it.
namespace offloader::executor {

// A hash for each row of a batch, into hashes[0] to hashes[rows - 1]: XXH3 over one 64-bit word for each
// value (little endian), then the bits of the columns that are null. The word of a whole number, date,
// timestamp or boolean is its value, whatever its width; of a double its bits; of a text or document XXH3 of
// its bytes; of a null 0.
void hash_rows(const rows::Batch& batch, std::span<std::uint64_t> hashes);

// Over the hashes of a set of rows, whatever their order.
struct RowsDigest {
  std::uint64_t rows = 0;
  std::uint64_t sum = 0;  // modulo 2^64
  std::uint64_t exclusive_or = 0;

  void add(std::span<const std::uint64_t> hashes);
};

// 32 hexadecimal digits over the version of this scheme, the columns with their types, and the digest of rows
// whose values are in the columns' order.
[[nodiscard]] std::string fingerprint_of(std::span<const catalog::Column> columns, const RowsDigest& digest);

}  // namespace offloader::executor
