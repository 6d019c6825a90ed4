#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "offloader/base/decimal.h"
#include "offloader/base/uuid.h"

// The values that a plan's conditions compare with. Value types.
namespace offloader::query {

struct Date {
  std::int32_t days = 0;  // since 1970-01-01
  friend auto operator<=>(const Date&, const Date&) = default;
};

struct Timestamp {
  std::int64_t micros = 0;  // since 1970-01-01T00:00:00Z
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// A value to compare with a DECIMAL column.
struct Decimal {
  Int128 unscaled = 0;     // from -10^38 to 10^38, which are beyond every DECIMAL
  std::uint8_t scale = 0;  // the column's
  friend bool operator==(const Decimal&, const Decimal&) = default;
  // Requires: both are of the same scale.
  friend bool operator<(const Decimal& a, const Decimal& b) { return a.unscaled < b.unscaled; }
};

// Stands for a value that no row can have or reach: a comparison with it holds for no row, and `ne` for all
// that are not null.
struct Nothing {
  friend auto operator<=>(const Nothing&, const Nothing&) = default;
};

// A value in the type of the column it is compared with: bool for BOOLEAN, int64 for INTEGER and BIGINT,
// double for DOUBLE, Timestamp for TIMESTAMP and TIMESTAMPTZ, string for VARCHAR. An integer outside an
// INTEGER column's range stays an int64 and is compared as such. A test for null compares with a bool,
// whatever the column.
using Value = std::variant<bool, std::int64_t, double, Date, Timestamp, std::string, Decimal, Uuid, Nothing>;

// The values of a list: ascending, without duplicates. Lists that mean the same are therefore equal.
using ValueList = std::vector<Value>;

}  // namespace offloader::query
