#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "drafts.h"
#include "params.h"

namespace offloader::catalog {

// The types are set if they are known. Checks that need them are otherwise skipped.
struct SelectDraft {
  Value at;
  std::string as;
  bool aggregated = false;            // an aggregate, or an expression of aggregates
  std::optional<SizedType> type{};    // of the column
  std::optional<SizedType> result{};  // of the values in answers
  Value expression{};                 // of an expression: its text
  bool fills = false;                 // it has a bucket with `fill`
  Value encode{};                     // where `encode` is, or would be
};

// What `query.select` declares, as the blocks that refer to it see it.
class Selects {
 public:
  // Reads `query.select` into the endpoint, and adds the params that it uses to `used`. If the dataset is
  // unknown, `dataset` is null.
  void read(const Fields& query, const DatasetDraft* dataset, const ParamDrafts& params, Endpoint& endpoint,
            std::set<std::size_t>& used);

  [[nodiscard]] const std::vector<SelectDraft>& list() const { return drafts_; }
  const SelectDraft& operator[](std::size_t i) const { return drafts_[i]; }

  // Returns the index of the select that a text names, or nullopt. Reports an unknown name with `code`.
  [[nodiscard]] std::optional<std::size_t> find(const Value& at, std::string_view code) const;
  // Returns the index of the first select of that name. Requires: there is one.
  [[nodiscard]] std::size_t first_named(const std::string& as) const { return by_name_.find(as)->second; }

 private:
  void read_one(const Fields& fields, const DatasetDraft* dataset, const ParamDrafts& params,
                Endpoint& endpoint, std::set<std::size_t>& used);
  void check_name(const SelectDraft& draft);
  void read_expression(std::size_t index, Select& select);
  void check_encoding(const Fields& fields, const SelectDraft& draft, Select& select) const;
  [[nodiscard]] tl::expected<ExpressionPart, ExpressionError> find_part(std::string_view name) const;

  std::vector<SelectDraft> drafts_;
  std::map<std::string, std::size_t, std::less<>> by_name_;  // `as` → index of the first select with it
  std::map<std::string, std::string> names_;                 // lower case → as written
  // False: some select has no readable name, so an unknown name may be that one.
  bool complete_ = true;
};

}  // namespace offloader::catalog
