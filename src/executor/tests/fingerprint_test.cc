#include "offloader/executor/fingerprint.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <optional>
#include <vector>

namespace offloader::executor {
namespace {

using catalog::ColumnType;
using rows::Kind;

template <typename T>
rows::Column column_of(Kind kind, const std::vector<T>& values, const std::uint64_t* validity = nullptr) {
  return {.kind = kind, .values = values.data(), .validity = validity};
}

std::vector<std::uint64_t> hashes_of(const std::vector<rows::Column>& columns, std::size_t rows) {
  std::vector<std::uint64_t> hashes(rows);
  hash_rows({.columns = columns, .rows = rows}, hashes);
  return hashes;
}

std::uint64_t hash_of_one(const rows::Column& column) {
  return hashes_of({column}, 1)[0];
}

const std::vector<catalog::Column> kColumns = {{.name = "id", .type = ColumnType::integer},
                                               {.name = "text", .type = ColumnType::varchar}};

// Fingerprints are stored in snapshot records and in ETags, so they may change only with the version.
TEST(Fingerprint, FingerprintOf_KnownRows_IsStable) {
  const std::vector<std::int32_t> ids{1, -2, 3};
  const std::vector<std::string_view> texts{"a", "", "naïve"};
  constexpr std::uint64_t kThirdIsNull = 0b011;
  const auto hashes =
      hashes_of({column_of(Kind::int32, ids, &kThirdIsNull), column_of(Kind::text, texts)}, 3);
  RowsDigest digest;
  digest.add(hashes);
  EXPECT_EQ(digest.rows, 3U);
  EXPECT_EQ(fingerprint_of(kColumns, digest), "0b9d3a26873075ad3bb030bd0bac8329");
}

TEST(Fingerprint, FingerprintOf_DecimalsInstantsAndUuids_IsStable) {
  const std::vector<rows::Wide> amounts{rows::Wide::of(1250), rows::Wide::of(-5)};
  const std::vector<std::int64_t> instants{0, -500'000};
  const std::vector<rows::Wide> ids{{1, 2}, {3, 4}};
  RowsDigest digest;
  digest.add(hashes_of(
      {column_of(Kind::decimal, amounts), column_of(Kind::timestamptz, instants), column_of(Kind::uuid, ids)},
      2));
  const auto of = [&](int precision, int scale) {
    return fingerprint_of(std::vector<catalog::Column>{{"amount", catalog::decimal_type(precision, scale)},
                                                       {"at", ColumnType::timestamptz},
                                                       {"id", ColumnType::uuid}},
                          digest);
  };
  EXPECT_EQ(of(12, 2), "8c52bb2468b0b32748b038c1e6d25733");
  EXPECT_NE(of(12, 2), of(12, 3));
  EXPECT_NE(of(12, 2), of(14, 2));
}

TEST(Fingerprint, FingerprintOf_SameRowsInOtherOrderAndBatches_IsTheSame) {
  const std::vector<std::uint64_t> hashes{7, std::numeric_limits<std::uint64_t>::max(), 11};
  RowsDigest once;
  once.add(hashes);
  RowsDigest parts;
  parts.add(std::array<std::uint64_t, 2>{11, 7});
  parts.add(std::array<std::uint64_t, 1>{std::numeric_limits<std::uint64_t>::max()});
  EXPECT_EQ(fingerprint_of(kColumns, parts), fingerprint_of(kColumns, once));
  parts.add(std::array<std::uint64_t, 1>{0});
  EXPECT_NE(fingerprint_of(kColumns, parts), fingerprint_of(kColumns, once)) << "one row more";
}

TEST(Fingerprint, FingerprintOf_OtherColumns_Differs) {
  auto columns = kColumns;
  columns[0].type = ColumnType::bigint;
  EXPECT_NE(fingerprint_of(columns, {}), fingerprint_of(kColumns, {}));
  columns = kColumns;
  columns[0].name = "ID";
  EXPECT_NE(fingerprint_of(columns, {}), fingerprint_of(kColumns, {}));
}

TEST(RowHash, HashRows_IntegerOfAnyWidth_IsTheSame) {
  const auto wide = hash_of_one(column_of<std::int64_t>(Kind::int64, {-1}));
  EXPECT_EQ(hash_of_one(column_of<std::int32_t>(Kind::int32, {-1})), wide);
  EXPECT_NE(hash_of_one(column_of<double>(Kind::float64, {-1})), wide);
}

TEST(RowHash, HashRows_Null_DiffersFromValuesAndReadsNone) {
  constexpr std::uint64_t kNone = 0;
  const rows::Column null{.kind = Kind::text, .values = nullptr, .validity = &kNone};
  EXPECT_NE(hash_of_one(null), hash_of_one(column_of<std::string_view>(Kind::text, {""})));
  EXPECT_NE(hash_of_one(null), hash_of_one(column_of<std::int64_t>(Kind::int64, {0})));
}

TEST(RowHash, HashRows_DictionaryCodes_HashesTheTexts) {
  const std::string bytes = "abc";
  const std::vector<std::uint32_t> offsets{0, 1, 3};
  rows::Dictionary dictionary;
  dictionary.texts = {.offsets = reinterpret_cast<const std::byte*>(offsets.data()),
                      .offset_width = 4,
                      .bytes = bytes.data(),
                      .byte_count = bytes.size(),
                      .count = 2};
  const std::vector<std::uint32_t> codes{1, 0, 1};
  rows::Column coded = column_of(Kind::text, codes);
  coded.dictionary = &dictionary;
  EXPECT_EQ(hashes_of({coded}, 3),
            hashes_of({column_of<std::string_view>(Kind::text, {"bc", "a", "bc"})}, 3));
}

TEST(RowHash, HashRows_NansAndSignedZeros_UnifiesOnlyTheNans) {
  EXPECT_EQ(hash_of_one(column_of<double>(Kind::float64, {std::numeric_limits<double>::quiet_NaN()})),
            hash_of_one(column_of<double>(Kind::float64, {-std::numeric_limits<double>::quiet_NaN()})));
  EXPECT_NE(hash_of_one(column_of<double>(Kind::float64, {0.0})),
            hash_of_one(column_of<double>(Kind::float64, {-0.0})));
}

TEST(RowHash, HashRows_SwappedValues_Differs) {
  const std::vector<std::string_view> b_text{"b"};
  const std::vector<std::string_view> a_text{"a"};
  const auto one = column_of(Kind::text, a_text);
  const auto other = column_of(Kind::text, b_text);
  EXPECT_NE(hashes_of({one, other}, 1), hashes_of({other, one}, 1));
}

}  // namespace
}  // namespace offloader::executor
