#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "offloader/executor/testing/reference_model.h"
#include "reference_zone.h"

// Buckets as query-semantics.md describes them, as simply as possible.
namespace offloader::executor::testing::model {

// The bucket that a request asks for.
class Buckets {
 public:
  // `grain` and `zone` are those of the request.
  Buckets(const Bucket& bucket, const Column& column, const std::string& grain, const std::string& zone);

  // The day of an instant in the zone.
  [[nodiscard]] std::int64_t day(std::int64_t micros) const { return zone_.day(micros); }
  // Returns the key of a value of the column: an instant for hours, else a day.
  [[nodiscard]] std::int64_t key(std::int64_t value) const;
  // Returns the value that answers have for a key.
  [[nodiscard]] std::int64_t value(std::int64_t key) const;
  // The type of those values.
  [[nodiscard]] Type type() const;

  // A filter of the top level on the column leaves what is `op` the value of the text, which is a day of the
  // zone if `is_day`.
  void bound(const std::string& op, const std::string& text, bool is_day);
  // Returns all keys between the bounds, or those of `found` where there is none; nullopt for more than an
  // answer may have.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> axis(const std::vector<std::int64_t>& found) const;
  [[nodiscard]] bool bounded() const { return first_ && last_; }

 private:
  [[nodiscard]] std::int64_t cut(std::int64_t day) const;
  [[nodiscard]] std::int64_t start_of(std::int64_t day) const;
  [[nodiscard]] bool exists(std::int64_t day) const;
  void raise(std::int64_t value);
  void lower(std::int64_t value);

  const Type column_;
  const std::string grain_;
  const bool sunday_;
  const bool hourly_;  // some grain of the contract is an hour
  const Zone zone_;
  std::optional<std::int64_t> first_;  // values of the column, both included
  std::optional<std::int64_t> last_;
};

// An answer may have so many (bucket, group) rows.
inline constexpr std::size_t kMostBuckets = 100'000;

}  // namespace offloader::executor::testing::model
