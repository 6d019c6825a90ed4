#include <array>
#include <set>

#include "drafts.h"
#include "offloader/base/ascii.h"
#include "offloader/catalog/tenant_text.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 1> kFileFields = {"keys"};
constexpr std::array<std::string_view, 5> kFields = {"id", "hash", "tenant", "endpoints", "status"};
constexpr std::array<std::string_view, 2> kStatuses = {"active", "revoked"};

std::optional<Sha256> parse_hash(std::string_view text) {
  Sha256 hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!ascii::is_lower_hex(text[i])) return std::nullopt;
    hash[i / 2] = static_cast<std::uint8_t>(hash[i / 2] * 16 + ascii::hex_value(text[i]));
  }
  return hash;
}

class KeysReader {
 public:
  explicit KeysReader(const EndpointDrafts& endpoints) : endpoints_(endpoints) {
    for (const auto& [name, draft] : endpoints) names_.push_back(name);
  }

  void read(const Value& item) {
    const Fields fields(item, kFields);
    if (!fields.readable()) return;
    Key key;
    read_id(fields, key);
    read_hash(fields, key);
    read_endpoints(fields, key);
    read_tenant(fields, key);
    if (const auto status = fields.choice("status", Need::required, kStatuses)) key.active = *status == 0;
    keys.push_back(std::move(key));
  }

  std::vector<Key> keys;

 private:
  static std::string used_at(int line) { return "is already used on line " + std::to_string(line); }

  void read_id(const Fields& fields, Key& key) {
    const auto id = read_identifier(fields, "id");
    if (!id) return;
    const Value at = fields.at("id");
    const auto [first, inserted] = ids_.emplace(*id, at.line);
    if (!inserted) at.report("duplicate_key_id", "this id " + used_at(first->second));
    key.id = *id;
  }

  void read_hash(const Fields& fields, Key& key) {
    const auto text = fields.text("hash", Need::required);
    if (!text) return;
    const Value at = fields.at("hash");
    const auto hash = parse_hash(*text);
    if (!hash) {
      if (is_api_token(*text)) return;  // already reported as plaintext_token
      at.report("invalid_value", "this is not a SHA-256 hash",
                "write 64 lower-case hexadecimal digits, as `offloader keys hash` prints them");
      return;
    }
    const auto [first, inserted] = hashes_.emplace(*text, at.line);
    if (!inserted) at.report("duplicate_key_hash", "this hash " + used_at(first->second));
    key.hash = *hash;
  }

  void read_endpoints(const Fields& fields, Key& key) {
    std::set<std::string> granted;
    for (const Value& item : fields.list("endpoints", Need::required)) {
      const auto name = as_text(item);
      if (!name) continue;
      if (!endpoints_.contains(*name)) {
        item.report("unknown_endpoint", "there is no endpoint with this name",
                    [&] { return hint_for(*name, names_, "endpoints"); });
      } else if (!granted.insert(*name).second) {
        item.report("invalid_value", "the endpoint is granted twice", "remove one of them",
                    Severity::warning);
      } else {
        key.endpoints.push_back(*name);
      }
    }
  }

  void read_tenant(const Fields& fields, Key& key) {
    const Value at = fields.written("tenant");
    if (!at.present()) {
      at.report("missing", "`tenant` is required", "write `tenant: null` for a key without a tenant");
      return;
    }
    std::optional<ColumnType> narrowest;  // of the integer tenant columns among the key's endpoints
    bool scoped = false;
    bool text_column = false;
    bool uuid_column = false;
    for (const std::string& name : key.endpoints) {
      const EndpointDraft& draft = endpoints_.find(name)->second;
      scoped = scoped || draft.endpoint.tenant_scoped;
      if (!draft.tenant_type) continue;
      const ColumnType type = *draft.tenant_type;
      if (type == ColumnType::varchar) text_column = true;
      if (type == ColumnType::uuid) uuid_column = true;
      if (type == ColumnType::integer) narrowest = ColumnType::integer;
      if (type == ColumnType::bigint && !narrowest) narrowest = ColumnType::bigint;
    }
    if (at.is_null()) {
      if (scoped) {
        at.report("missing", "the key grants a tenant-scoped endpoint, but has no tenant",
                  "give it a tenant, or remove the tenant-scoped endpoints");
      }
      return;
    }
    const bool number = at.node->kind == yaml::Kind::integer && narrowest && !text_column && !uuid_column;
    const auto text = number ? std::optional(at.node->text) : as_text(at);
    if (!text) return;
    if (narrowest && !parse_tenant_integer(*text, *narrowest)) {
      at.report("invalid_value",
                "the tenant column is an integer, but this is not an integer in canonical form",
                "write plain digits that fit " + std::string(name_of(*narrowest)) +
                    ", without leading zeros or `+`");
      return;
    }
    if (uuid_column && !is_tenant_uuid(*text)) {
      at.report("invalid_value", "the tenant column is a UUID, but this is not a UUID in canonical form",
                "write 36 characters in lower case, like 123e4567-e89b-12d3-a456-426614174000");
      return;
    }
    key.tenant = *text;
  }

  const EndpointDrafts& endpoints_;
  std::vector<std::string> names_;
  std::map<std::string, int> ids_;
  std::map<std::string, int> hashes_;
};

}  // namespace

std::vector<Key> read_keys(const Value& root, const EndpointDrafts& endpoints) {
  const Fields file(root, kFileFields);
  if (!file.readable()) return {};
  KeysReader reader(endpoints);
  const Value at = file.get("keys", Need::required);
  if (!at.present()) return {};
  for (const Value& item : as_list(at)) reader.read(item);
  return std::move(reader.keys);
}

}  // namespace offloader::catalog
