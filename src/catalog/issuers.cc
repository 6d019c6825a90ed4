#include "issuers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

#include "limits_block.h"
#include "offloader/base/url.h"
#include "project_files.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 1> kFileFields = {"issuers"};
constexpr std::array<std::string_view, 16> kFields = {"id",
                                                      "issuer",
                                                      "audience",
                                                      "jwks",
                                                      "algorithms",
                                                      "tenant_claim",
                                                      "endpoints_claim",
                                                      "audience_claim",
                                                      "typ",
                                                      "require",
                                                      "endpoints_prefix",
                                                      "endpoints",
                                                      "tenants",
                                                      "leeway_seconds",
                                                      "max_lifetime_seconds",
                                                      "limits"};
constexpr std::int64_t kMostLeeway = 300;
constexpr std::int64_t kMostLifetime = 31LL * 86400;
constexpr std::size_t kMostIssuers = 100;

// Reads a claim as names joined by dots, or as a list of names. Returns an empty path if there is none.
jwt::ClaimPath read_claim(const Fields& fields, std::string_view field) {
  const Value at = fields.at(field);
  if (!at.present()) return {};
  if (at.node->kind == yaml::Kind::sequence) {
    jwt::ClaimPath path;
    for (const Value& item : as_list(at)) {
      if (auto name = as_text(item)) path.push_back(std::move(*name));
    }
    return path;
  }
  const auto text = as_text(at);
  if (!text) return {};
  auto path = jwt::split_claim_path(*text);
  if (path.empty()) {
    at.report("invalid_value", "the claim " + at.source->quote(*text) + " has an empty name",
              "write names joined by dots, such as org.id, or a list of names if they contain dots");
  }
  return path;
}

class IssuerReader {
 public:
  IssuerReader(const ProjectDraft& project, const EndpointDrafts& endpoints, const KeyTable& keys,
               const ReadText& read_text)
      : project_(project), endpoints_(endpoints), read_text_(read_text) {
    for (const auto& [name, draft] : endpoints) names_.push_back(name);
    for (const KeyView key : keys) key_ids_.emplace(key.id);
  }

  void read(const Value& item) {
    const Fields fields(item, kFields);
    if (!fields.readable()) return;
    Issuer issuer;
    read_id(fields, issuer);
    read_issuer(fields, issuer);
    for (const Value& each : fields.list("audience", Need::required)) {
      if (auto text = as_text(each)) issuer.rules.audience.push_back(std::move(*text));
    }
    read_algorithms(fields, issuer);
    if (auto path = read_claim(fields, "audience_claim"); !path.empty())
      issuer.rules.audience_claim = std::move(path);
    issuer.rules.typ = fields.text("typ", Need::optional).value_or("");
    read_required_claims(fields, issuer);
    if (auto leeway = fields.integer("leeway_seconds", Need::optional, 0, kMostLeeway))
      issuer.rules.leeway = std::chrono::seconds(*leeway);
    if (auto lifetime = fields.integer("max_lifetime_seconds", Need::optional, 1, kMostLifetime))
      issuer.rules.max_lifetime = std::chrono::seconds(*lifetime);
    read_grants(fields, issuer);
    issuer.limits = read_limits(fields.at("limits"));
    read_jwks(fields, issuer);
    issuers.push_back(std::move(issuer));
  }

  std::vector<Issuer> issuers;

 private:
  static std::string used_at(int line) { return "is already used on line " + std::to_string(line); }

  void read_id(const Fields& fields, Issuer& issuer) {
    const auto id = read_identifier(fields, "id");
    if (!id) return;
    const Value at = fields.at("id");
    if (const auto [first, inserted] = ids_.emplace(*id, at.line); !inserted)
      at.report("duplicate_issuer", "this id " + used_at(first->second));
    if (key_ids_.contains(*id))
      at.report("duplicate_issuer", "a key already has this id", "rename the issuer or the key");
    issuer.id = *id;
  }

  void read_issuer(const Fields& fields, Issuer& issuer) {
    const auto text = fields.text("issuer", Need::required);
    if (!text) return;
    const Value at = fields.at("issuer");
    if (const auto [first, inserted] = claims_.emplace(*text, at.line); !inserted)
      at.report("duplicate_issuer", "this issuer " + used_at(first->second));
    issuer.rules.issuer = *text;
  }

  static void read_algorithms(const Fields& fields, Issuer& issuer) {
    for (const Value& item : fields.list("algorithms", Need::required)) {
      const auto name = as_text(item);
      if (!name) continue;
      if (const auto algorithm = jwt::parse_algorithm(*name)) {
        issuer.rules.algorithms.push_back(*algorithm);
      } else {
        item.report("invalid_value", "unsupported algorithm " + item.source->quote(*name),
                    [&] { return hint_for_words(*name, jwt::kAlgorithmNames); });
      }
    }
  }

  static void read_required_claims(const Fields& fields, Issuer& issuer) {
    const Value at = fields.at("require");
    if (!at.present()) return;
    if (at.node->kind != yaml::Kind::map) {
      at.report("not_a_map", "must be a mapping of claims to their values",
                "write require: {token_use: access}");
      return;
    }
    for (const yaml::Entry& entry : at.node->entries) {
      const Value value{at.source, entry.value, entry.value->line,
                        at.path + "." + path_part(entry.key->text)};
      switch (entry.value->kind) {
        case yaml::Kind::boolean:
          issuer.rules.require.push_back({entry.key->text, is_true(*entry.value)});
          break;
        case yaml::Kind::integer:
          if (const auto number = as_integer(value, INT64_MIN, INT64_MAX))
            issuer.rules.require.push_back({entry.key->text, *number});
          break;
        default:
          if (auto text = as_text(value)) issuer.rules.require.push_back({entry.key->text, std::move(*text)});
      }
    }
  }

  void read_grants(const Fields& fields, Issuer& issuer) {
    issuer.tenant_claim = read_claim(fields, "tenant_claim");
    const bool has_tenants = fields.at("tenant_claim").present();  // valid or not
    issuer.endpoints_claim = read_claim(fields, "endpoints_claim");
    issuer.endpoints_prefix = fields.text("endpoints_prefix", Need::optional).value_or("");
    if (!issuer.endpoints_prefix.empty() && issuer.endpoints_claim.empty()) {
      fields.at("endpoints_prefix")
          .report("invalid_value", "`endpoints_prefix` has no effect without `endpoints_claim`", "remove it");
    }
    if (issuer.endpoints_claim.empty() && !fields.at("endpoints").present()) {
      fields.at("endpoints")
          .report("missing", "`endpoints` is required without `endpoints_claim`",
                  "name what each token may call, or write endpoints: [\"*\"] for every endpoint");
    }
    if (const auto ceiling = read_ceiling(fields, "endpoints")) {
      issuer.endpoints.emplace();
      for (const auto& [name, at] : *ceiling) add_endpoint(name, at, has_tenants, issuer);
    }
    if (const auto ceiling = read_ceiling(fields, "tenants")) {
      issuer.tenants.emplace();
      for (const auto& [tenant, at] : *ceiling) issuer.tenants->push_back(tenant);
      if (!has_tenants) {
        fields.at("tenants").report("invalid_value", "`tenants` has no effect without `tenant_claim`",
                                    "remove it");
      }
    }
  }

  using Ceiling = std::vector<std::pair<std::string, Value>>;

  // Returns the items of a list; nullopt if it is absent or `["*"]`. An empty list does not count as absent:
  // it would allow everything, and probably means the opposite.
  static std::optional<Ceiling> read_ceiling(const Fields& fields, std::string_view field) {
    const Value written = fields.written(field);
    if (!written.present() || written.is_null()) return std::nullopt;
    if (written.node->kind == yaml::Kind::sequence && written.node->items.empty()) {
      written.report("missing", "`" + std::string(field) + "` must not be an empty list",
                     "name what is allowed, or write [\"*\"] for everything");
      return std::nullopt;
    }
    Ceiling out;
    const auto items = fields.list(field, Need::optional);
    for (const Value& item : items) {
      const auto text =
          item.node->kind == yaml::Kind::integer ? std::optional(item.node->text) : as_text(item);
      if (text && *text == "*" && items.size() == 1) return std::nullopt;
      if (text && *text == "*") {
        item.report("invalid_value", "`*` stands for everything, so it must be the only item");
      } else if (text) {
        out.emplace_back(*text, item);
      }
    }
    return out;
  }

  void add_endpoint(const std::string& name, const Value& at, bool has_tenants, Issuer& issuer) const {
    const auto found = endpoints_.find(name);
    if (found == endpoints_.end()) {
      at.report("unknown_endpoint", "there is no endpoint with this name",
                [&] { return hint_for(name, names_, "endpoints"); });
    } else if (std::count(issuer.endpoints->begin(), issuer.endpoints->end(), name) > 0) {
      at.report("invalid_value", "the endpoint is listed twice", "remove one of them", Severity::warning);
    } else if (found->second.endpoint.tenant_scoped && !has_tenants) {
      at.report("missing", "the endpoint is tenant-scoped, but the issuer has no `tenant_claim`",
                "name the claim with the tenant, or remove the endpoint");
    } else {
      issuer.endpoints->push_back(name);
    }
  }

  void read_jwks(const Fields& fields, Issuer& issuer) {
    const auto text = fields.text("jwks", Need::required);
    if (!text) return;
    const Value at = fields.at("jwks");
    if (looks_like_url(*text)) {
      const auto url = parse_url(*text);
      if (!url || !url->is_web()) {
        at.report("invalid_value", "the key set is not at a valid URL",
                  "write an https:// URL, or the path of a file in the project");
      } else if (url->scheme == Url::Scheme::http && !project_.is_allowed(url->origin())) {
        at.report("invalid_value", "a key set over http can be replaced on its way",
                  "use https, or list " + url->origin() + " in `allowed_origins` of offloader.yml");
      } else {
        issuer.jwks = url->text();
      }
      return;
    }
    const auto path = safe_path(*text);
    if (!path) {
      at.report("unsafe_path", "the path " + at.source->quote(*text) + " leaves the project",
                "write it relative to offloader.yml, without \"..\"");
      return;
    }
    issuer.jwks = *path;
    const auto bytes = read_text_(*path, at);
    if (!bytes) return;
    auto keys = jwt::KeySet::parse(*bytes);
    if (!keys) {
      at.report("invalid_value", "\"" + *path + "\": " + keys.error().message,
                "write a JWK set: {\"keys\": [...]}");
      return;
    }
    if (keys->exposed() > 0) {
      at.report("invalid_value", "\"" + *path + "\" contains a private or symmetric key",
                "replace that key at the issuer, because it is no longer secret, and write only public keys");
    } else if (keys->keys().empty()) {
      at.report("invalid_value", "\"" + *path + "\" has no key that can verify a signature",
                "use RSA keys of at least 2048 bits, P-256, P-384, Ed25519 or Ed448");
    }
    issuer.keys = std::make_shared<const jwt::KeySet>(std::move(*keys));
    issuer.keys_hash = sha256(*bytes);
  }

  const ProjectDraft& project_;
  const EndpointDrafts& endpoints_;
  const ReadText& read_text_;
  std::vector<std::string> names_;
  std::set<std::string_view> key_ids_;
  std::unordered_map<std::string, int> ids_;     // to the line of the first
  std::unordered_map<std::string, int> claims_;  // likewise
};

}  // namespace

std::vector<Issuer> read_issuers(const Value& root, const ProjectDraft& project,
                                 const EndpointDrafts& endpoints, const KeyTable& keys,
                                 const ReadText& read_text) {
  const Fields file(root, kFileFields);
  if (!file.readable()) return {};
  const Value at = file.get("issuers", Need::required);
  if (!at.present()) return {};
  IssuerReader reader(project, endpoints, keys, read_text);
  const auto items = as_list(at);
  if (items.size() > kMostIssuers)
    at.report("invalid_value", "there are more than " + std::to_string(kMostIssuers) + " issuers");
  for (const Value& item : items) reader.read(item);
  return std::move(reader.issuers);
}

}  // namespace offloader::catalog
