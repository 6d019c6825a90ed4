#include "offloader/executor/fingerprint.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string_view>

#include "offloader/base/crypto.h"
#include "offloader/catalog/column_type.h"

namespace offloader::executor {
namespace {

using rows::Kind;

// Of everything in this file that decides a fingerprint: another version makes every snapshot another one.
constexpr int kFingerprintVersion = 1;
constexpr std::uint64_t kNull = 0x9E3779B97F4A7C15ULL;

std::uint64_t hash_of(const void* data, std::size_t bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data, bytes, seed);
}

std::uint64_t hash_of(std::uint64_t value, std::uint64_t seed) {
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return hash_of(&value, sizeof value, seed);
}

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value);
}

// Chains `hash(row, seed)` into the hashes of the rows.
template <typename Hash>
void chain(const rows::Column& column, std::span<std::uint64_t> hashes, const Hash& hash) {
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    const std::uint64_t seed = hashes[row];
    hashes[row] = column.is_null(row) ? hash_of(nullptr, 0, seed ^ kNull) : hash(row, seed);
  }
}

template <typename Stored>
void chain_integers(const rows::Column& column, std::span<std::uint64_t> hashes) {
  chain(column, hashes, [&](std::size_t row, std::uint64_t seed) {
    return hash_of(static_cast<std::uint64_t>(std::int64_t{column.at<Stored>(row)}), seed);
  });
}

void chain_texts(const rows::Column& column, std::span<std::uint64_t> hashes) {
  chain(column, hashes, [&](std::size_t row, std::uint64_t seed) {
    const std::string_view text = column.dictionary != nullptr
                                      ? column.dictionary->texts.at(column.at<std::uint32_t>(row))
                                      : column.at<std::string_view>(row);
    return hash_of(text.data(), text.size(), seed);
  });
}

void chain_column(const rows::Column& column, std::span<std::uint64_t> hashes) {
  switch (column.kind) {
    case Kind::boolean:
      return chain_integers<bool>(column, hashes);
    case Kind::int32:
    case Kind::date:
      return chain_integers<std::int32_t>(column, hashes);
    case Kind::int64:
    case Kind::timestamp:
      return chain_integers<std::int64_t>(column, hashes);
    case Kind::int128:
      return chain(column, hashes, [&](std::size_t row, std::uint64_t seed) {
        const auto* const words = static_cast<const unsigned char*>(column.values) + row * 16;
        return hash_of(words, 16, seed);
      });
    case Kind::float64:
      return chain(column, hashes, [&](std::size_t row, std::uint64_t seed) {
        return hash_of(bits_of(column.at<double>(row)), seed);
      });
    case Kind::text:
    case Kind::json:
      return chain_texts(column, hashes);
  }
}

}  // namespace

void hash_rows(const rows::Batch& batch, std::span<std::uint64_t> hashes) {
  const auto used = hashes.first(batch.rows);
  std::ranges::fill(used, 0);
  for (const rows::Column& column : batch.columns) chain_column(column, used);
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
