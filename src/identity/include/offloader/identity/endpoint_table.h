#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "offloader/catalog/catalog.h"

namespace offloader::identity {

// The endpoints of a catalog as grants see them, so that a principal can name them by their index. Immutable;
// thread-safe.
class EndpointTable {
 public:
  struct Entry {
    std::string name;
    bool tenant_scoped = false;
    std::optional<catalog::ColumnType> tenant_type{};  // of the tenant column
  };

  explicit EndpointTable(const catalog::Catalog& catalog);

  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }  // sorted by name

  // Returns the sorted indices of these names. Names that are no endpoint are left out.
  [[nodiscard]] std::vector<std::uint32_t> indices_of(const std::vector<std::string>& names) const;

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::size_t> by_name_;  // views of the entries
};

}  // namespace offloader::identity
