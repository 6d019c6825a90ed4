#include "offloader/executor/fingerprint.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/catalog/column_type.h"

namespace offloader::executor {
namespace {

static_assert(std::endian::native == std::endian::little, "words are hashed as they lie");

using rows::Kind;

// Change it with anything in this file that changes a fingerprint. A new version changes the fingerprint of
// every snapshot.
constexpr int kFingerprintVersion = 1;
// Rows hashed at a time: their words fit in the L1 cache.
constexpr std::size_t kTile = 64;

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value);
}

// The words to hash, row by row: one for each column, then the null bits.
class Tile {
 public:
  explicit Tile(std::size_t columns)
      : columns_(columns), stride_(columns + (columns + 63) / 64), words_(kTile * stride_) {}

  // Sets the words of rows [begin, begin + rows) of column `c`.
  void place(const rows::Column& column, std::size_t c, std::size_t begin, std::size_t rows);
  [[nodiscard]] std::uint64_t hash(std::size_t row) const {
    return XXH3_64bits(&words_[row * stride_], stride_ * sizeof(std::uint64_t));
  }
  void clear() { std::ranges::fill(words_, 0); }

 private:
  template <typename Word>
  void fill(const rows::Column& column, std::size_t c, std::size_t begin, std::size_t rows,
            const Word& word) {
    for (std::size_t row = 0; row < rows; ++row) {
      std::uint64_t* const words = &words_[row * stride_];
      if (column.is_null(begin + row)) {
        words[columns_ + c / 64] |= std::uint64_t{1} << (c % 64);
      } else {
        words[c] = word(begin + row);
      }
    }
  }
  template <typename Stored>
  void fill_integers(const rows::Column& column, std::size_t c, std::size_t begin, std::size_t rows) {
    fill(column, c, begin, rows,
         [&](std::size_t row) { return static_cast<std::uint64_t>(std::int64_t{column.at<Stored>(row)}); });
  }

  const std::size_t columns_;
  const std::size_t stride_;
  std::vector<std::uint64_t> words_;
};

void Tile::place(const rows::Column& column, std::size_t c, std::size_t begin, std::size_t rows) {
  switch (column.kind) {
    case Kind::boolean:
      return fill_integers<bool>(column, c, begin, rows);
    case Kind::int32:
    case Kind::date:
      return fill_integers<std::int32_t>(column, c, begin, rows);
    case Kind::int64:
    case Kind::timestamp:
    case Kind::timestamptz:
      return fill_integers<std::int64_t>(column, c, begin, rows);
    case Kind::int128:
    case Kind::decimal:
    case Kind::uuid:
      return fill(column, c, begin, rows, [&](std::size_t row) {
        return hash_text({static_cast<const char*>(column.values) + row * 16, 16});
      });
    case Kind::float64:
      return fill(column, c, begin, rows, [&](std::size_t row) { return bits_of(column.at<double>(row)); });
    case Kind::text:
    case Kind::json:
      if (const rows::Dictionary* const dictionary = column.dictionary; dictionary != nullptr) {
        return fill(column, c, begin, rows, [&](std::size_t row) {
          return hash_text(dictionary->texts.at(column.at<std::uint32_t>(row)));
        });
      }
      return fill(column, c, begin, rows,
                  [&](std::size_t row) { return hash_text(column.at<std::string_view>(row)); });
  }
}

}  // namespace

std::uint64_t hash_text(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

void hash_rows(const rows::Batch& batch, std::span<std::uint64_t> hashes) {
  Tile tile(batch.columns.size());
  for (std::size_t begin = 0; begin < batch.rows; begin += kTile) {
    const std::size_t rows = std::min(kTile, batch.rows - begin);
    tile.clear();
    for (std::size_t c = 0; c < batch.columns.size(); ++c) tile.place(batch.columns[c], c, begin, rows);
    for (std::size_t row = 0; row < rows; ++row) hashes[begin + row] = tile.hash(row);
  }
}

void RowsDigest::add(std::span<const std::uint64_t> hashes) {
  rows += hashes.size();
  for (const std::uint64_t hash : hashes) {
    sum += hash;
    exclusive_or ^= hash;
  }
}

std::string fingerprint_of(std::span<const catalog::Column> columns, const RowsDigest& digest) {
  std::string text = fmt::format("rows {}\n", kFingerprintVersion);
  for (const catalog::Column& column : columns)
    text += fmt::format("{} {}\n", column.name, catalog::name_of(column.type));
  text += fmt::format("{} {} {}", digest.rows, digest.sum, digest.exclusive_or);
  const auto hashed = sha256(text);
  return to_hex(std::span(hashed).first(16));
}

}  // namespace offloader::executor
