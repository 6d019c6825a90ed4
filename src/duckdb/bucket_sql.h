#pragma once

#include <string>
#include <string_view>

#include "offloader/catalog/column_type.h"
#include "offloader/query/bucket.h"

// Time buckets as SQL expressions. The names of zones are from the table of the contract, never from a
// request. Requires: the session's TimeZone is UTC. Pure.
namespace offloader::duckdb {

// Returns the day of a DATE, TIMESTAMP or TIMESTAMPTZ in a zone, which is UTC if it is empty. `column` is an
// expression.
[[nodiscard]] std::string local_day(const std::string& column, catalog::ColumnType type,
                                    const std::string& zone);

// Returns the bucket of `column` as a key by which rows are grouped: a DATE, or for hours a value of the
// column's type. Buckets sort as their keys do.
[[nodiscard]] std::string bucket_key(const query::Bucket& bucket, const std::string& column,
                                     catalog::ColumnType type);

// Returns the key of the bucket in which a DATE is. Requires: the grain is no hour.
[[nodiscard]] std::string key_of_day(const query::Bucket& bucket, const std::string& day);

// Returns the first instant of a day, a DATE expression, as a value of type `type`, which is TIMESTAMP or
// TIMESTAMPTZ. That is its midnight, the first one if there are two, or the end of the gap if there is none.
[[nodiscard]] std::string first_instant(const std::string& day, catalog::ColumnType type,
                                        const std::string& zone);

// Returns the value that answers have for a bucket's key.
[[nodiscard]] std::string bucket_value(const query::Bucket& bucket, const std::string& key,
                                       catalog::ColumnType type);

// Whether bucket_value() is so long that it should be computed once a bucket.
[[nodiscard]] bool has_costly_value(const query::Bucket& bucket);

}  // namespace offloader::duckdb
