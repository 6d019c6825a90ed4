#include "key_reader.h"

#include <algorithm>
#include <array>
#include <set>

#include "key_restrictions.h"
#include "limits_block.h"
#include "offloader/base/hash_text.h"
#include "offloader/catalog/tenant_text.h"
#include "offloader/jwt/id_text.h"
#include "plaintext.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 12> kFields = {
    "id",          "hash",       "tenant",     "endpoints",     "status", "description", "previous_hash",
    "certificate", "not_before", "expires_at", "allowed_cidrs", "limits"};
constexpr std::array<std::string_view, 1> kCertificateFields = {"san"};
constexpr std::array<std::string_view, 2> kStatuses = {"active", "revoked"};

std::string used_at(int line) {
  return "is already used on line " + std::to_string(line);
}

}  // namespace

KeyReader::KeyReader(const EndpointDrafts* endpoints) : endpoints_(endpoints) {
  if (endpoints == nullptr) return;
  for (const auto& [name, draft] : *endpoints) {
    names_.push_back(name);
    needs_of_all_.add(draft);
  }
}

void KeyReader::read(const Value& item) {
  const Fields fields(item, kFields);
  if (!fields.readable()) return;
  Key key{.line = item.line};
  read_id(fields, key);
  read_credentials(fields, key);
  const TenantNeeds needs = read_endpoints(fields, key);
  read_tenant(fields, needs, key);
  if (const auto status = fields.choice("status", Need::required, kStatuses)) key.active = *status == 0;
  key.description = fields.text("description", Need::optional).value_or("");
  key.lifetime = read_lifetime(fields);
  key.allowed_cidrs = read_allowed_cidrs(fields);
  key.limits = read_limits(fields.at("limits"));
  keys_.add(key);
}

void KeyReader::read_id(const Fields& fields, Key& key) {
  auto id = read_identifier(fields, "id");
  if (!id) return;
  const Value at = fields.at("id");
  const auto [first, inserted] = ids_.emplace(*id, at.line);
  if (!inserted) at.report("duplicate_key_id", "this id " + used_at(first->second));
  key.id = std::move(*id);
}

void KeyReader::read_credentials(const Fields& fields, Key& key) {
  const Value certificate = fields.at("certificate");
  if (!certificate.present()) {
    if (!fields.written("hash").present()) {
      fields.written("hash").report("missing", "`hash` or `certificate` is required");
    } else if (const auto hash = read_hash(fields, "hash")) {
      key.hash = *hash;
    }
    if (fields.at("previous_hash").present()) key.previous_hash = read_hash(fields, "previous_hash");
    return;
  }
  read_certificate(certificate, key);
  for (const char* const name : {"hash", "previous_hash"}) {
    const Value at = fields.at(name);
    if (at.present()) {
      at.report("invalid_value", "a key has a hash or a certificate, not both",
                "remove one of them, or make two keys");
    }
  }
}

std::optional<Sha256> KeyReader::read_hash(const Fields& fields, std::string_view name) {
  const auto text = fields.text(name, Need::required);
  if (!text) return std::nullopt;
  const Value at = fields.at(name);
  const auto hash = sha256_of_hex(*text);
  if (!hash) {
    if (is_api_token(*text)) return std::nullopt;  // already reported as plaintext_token
    at.report("invalid_value", "this is not a SHA-256 hash",
              "write 64 lower-case hexadecimal digits, as `offloader keys hash` prints them");
    return std::nullopt;
  }
  const auto [first, inserted] = hashes_.emplace(*hash, at.line);
  if (!inserted) at.report("duplicate_key_hash", "this hash " + used_at(first->second));
  return hash;
}

void KeyReader::read_certificate(const Value& at, Key& key) {
  const Fields fields(at, kCertificateFields);
  auto san = fields.text("san", Need::required);
  if (!san) return;
  const Value place = fields.at("san");
  if (san->find('*') != std::string::npos) {
    place.report("invalid_value", "names of certificates are compared literally, so `*` stands for no name",
                 "write the whole name, and one key for each");
    return;
  }
  if (!is_certificate_san(*san)) {
    place.report("invalid_value", "this is not a subject alternative name",
                 "write spiffe://TRUST_DOMAIN/PATH or dns:NAME, in lower case");
    return;
  }
  const auto [first, inserted] = sans_.emplace(*san, place.line);
  if (!inserted) place.report("duplicate_key_certificate", "this name " + used_at(first->second));
  key.certificate_san = std::move(*san);
}

void KeyReader::TenantNeeds::add(const EndpointDraft& draft) {
  scoped = scoped || draft.endpoint.tenant_scoped;
  if (!draft.tenant_type) return;
  const ColumnType type = *draft.tenant_type;
  if (type == ColumnType::varchar) text = true;
  if (type == ColumnType::uuid) uuid = true;
  if (type == ColumnType::integer) narrowest = ColumnType::integer;
  if (type == ColumnType::bigint && !narrowest) narrowest = ColumnType::bigint;
}

KeyReader::TenantNeeds KeyReader::read_endpoints(const Fields& fields, Key& key) {
  TenantNeeds needs;
  std::set<std::string_view> granted;
  const std::vector<Value> items = fields.list("endpoints", Need::required);
  key.endpoints.reserve(items.size());
  for (const Value& item : items) {
    auto name = as_text(item);
    if (!name) continue;
    if (*name == "*") {
      key.every_endpoint = true;
      if (items.size() > 1) {
        item.report("invalid_value", "`*` grants every endpoint, so it must be the only entry",
                    "remove `*` or the other entries");
      }
    } else if (endpoints_ != nullptr && !endpoints_->contains(*name)) {
      item.report("unknown_endpoint", "there is no endpoint with this name",
                  [&] { return hint_for(*name, names_, "endpoints"); });
    } else if (granted.contains(*name)) {
      item.report("invalid_value", "the endpoint is granted twice", "remove one of them", Severity::warning);
    } else {
      if (endpoints_ != nullptr) needs.add(endpoints_->find(*name)->second);
      key.endpoints.push_back(std::move(*name));
      granted.insert(key.endpoints.back());
    }
  }
  if (!key.every_endpoint) return needs;
  key.endpoints.clear();
  return needs_of_all_;
}

void KeyReader::read_tenant(const Fields& fields, const TenantNeeds& needs, Key& key) {
  const Value at = fields.written("tenant");
  if (!at.present()) {
    at.report("missing", "`tenant` is required", "write `tenant: null` for a key without a tenant");
    return;
  }
  if (at.is_null()) {
    if (needs.scoped) {
      at.report("missing", "the key grants a tenant-scoped endpoint, but has no tenant",
                "give it a tenant, or remove the tenant-scoped endpoints");
    }
    return;
  }
  const bool may_be_number = endpoints_ == nullptr || (needs.narrowest && !needs.text && !needs.uuid);
  const bool number = at.node->kind == yaml::Kind::integer && may_be_number;
  auto text = number ? std::optional(at.node->text) : as_text(at);
  if (!text) return;
  if (!jwt::is_id_text(*text)) {
    at.report("invalid_value", "the tenant contains a NUL character", "remove it");
    return;
  }
  if (needs.narrowest && !parse_tenant_integer(*text, *needs.narrowest)) {
    at.report("invalid_value",
              "the tenant column is an integer, but this is not an integer in canonical form",
              "write plain digits that fit " + std::string(name_of(*needs.narrowest)) +
                  ", without leading zeros or `+`");
    return;
  }
  if (needs.uuid && !is_tenant_uuid(*text)) {
    at.report("invalid_value", "the tenant column is a UUID, but this is not a UUID in canonical form",
              "write 36 characters in lower case, like 123e4567-e89b-12d3-a456-426614174000");
    return;
  }
  key.tenant = std::move(*text);
}

}  // namespace offloader::catalog
