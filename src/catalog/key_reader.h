#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "drafts.h"
#include "offloader/catalog/key_table.h"

namespace offloader::catalog {

// Reads the keys of one file and reports their findings. Not thread-safe.
class KeyReader {
 public:
  // `endpoints` may be null, see read_keys().
  explicit KeyReader(const EndpointDrafts* endpoints);

  void read(const Value& item);
  [[nodiscard]] KeyTable take() { return keys_.take(); }

 private:
  // What a tenant must be to fit the tenant columns of the endpoints that a key grants.
  struct TenantNeeds {
    bool scoped = false;
    bool text = false;
    bool uuid = false;
    std::optional<ColumnType> narrowest{};  // of the integer columns

    void add(const EndpointDraft& draft);
  };
  // Over all bytes: the hashes in a file need not be real ones.
  struct HashOfHash {
    std::size_t operator()(const Sha256& hash) const {
      return std::hash<std::string_view>{}({reinterpret_cast<const char*>(hash.data()), hash.size()});
    }
  };

  void read_id(const Fields& fields, Key& key);
  void read_credentials(const Fields& fields, Key& key);
  [[nodiscard]] std::optional<Sha256> read_hash(const Fields& fields, std::string_view name);
  void read_certificate(const Value& at, Key& key);
  [[nodiscard]] TenantNeeds read_endpoints(const Fields& fields, Key& key);
  void read_tenant(const Fields& fields, const TenantNeeds& needs, Key& key);

  const EndpointDrafts* endpoints_;
  std::vector<std::string> names_;
  TenantNeeds needs_of_all_;
  std::unordered_map<std::string, int> ids_;
  std::unordered_map<Sha256, int, HashOfHash> hashes_;
  std::unordered_map<std::string, int> sans_;
  KeyTable::Builder keys_;
};

}  // namespace offloader::catalog
