#include "offloader/identity/principals.h"

#include <algorithm>

#include "key_ring.h"
#include "offloader/base/ascii.h"
#include "offloader/identity/recent_caller.h"
#include "token_grants.h"
#include "verified_tokens.h"

namespace offloader::identity {
namespace {

// Defense in depth: the catalog's checks already reject a tenant-scoped endpoint under `auth: none`. Without
// a tenant, the anonymous principal gets no grant for it.
Principal anybody(const EndpointTable& table) {
  Principal out;
  out.anonymous = true;
  out.table = &table;
  return out;
}

std::optional<catalog::ColumnType> tenant_type(const catalog::Dataset& dataset) {
  if (!dataset.tenant_column) return std::nullopt;
  return dataset.schema[*dataset.tenant_column].type;
}

bool is_bearer(std::string_view authorization) {
  return ascii::istarts_with(authorization, "bearer") &&
         (authorization.size() == 6 || authorization[6] == ' ');
}

// A pointer without ownership or reference count, for what Principals owns.
std::shared_ptr<const Principal> unowned(const Principal& principal) {
  return {std::shared_ptr<const Principal>(), &principal};
}

}  // namespace

struct Principals::TokenIssuer {
  TokenGrants grants;
  std::shared_ptr<IssuerKeys> keys;
};

Principals::Principals(const catalog::Catalog& catalog, KeySets* key_sets)
    : endpoints_(catalog),
      verified_(std::make_unique<VerifiedTokens>(kMaxRemembered)),
      self_(std::make_shared<const Principals*>(this)) {
  if (catalog.auth == catalog::AuthMode::none) anonymous_ = anybody(endpoints_);
  // Defense in depth: the catalog's checks already reject a key whose tenant does not fit the tenant column
  // of one of its endpoints. Its principal gets no grant for that endpoint.
  keys_ = std::make_unique<const KeyRing>(catalog.keys, endpoints_);
  issuers_.reserve(catalog.issuers.size());  // issuer_by_name_ has views of them
  for (const catalog::Issuer& issuer : catalog.issuers) {
    auto set = key_sets != nullptr ? key_sets->keys_of(issuer)
               : issuer.keys       ? std::make_shared<IssuerKeys>(issuer.keys)
                             : std::make_shared<IssuerKeys>(issuer.id, issuer.jwks, std::weak_ptr<KeySets>());
    issuers_.push_back({TokenGrants(issuer, endpoints_), std::move(set)});
    issuer_by_name_.emplace(issuers_.back().grants.issuer().rules.issuer, issuers_.size() - 1);
  }
}

Principals::~Principals() = default;

std::string_view Principals::bearer_token(std::string_view authorization) {
  if (!is_bearer(authorization)) return {};
  std::string_view token = authorization.substr(6);
  while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
  if (token.size() > kMaxToken || token.find(' ') != std::string_view::npos) return {};
  return token;
}

Principals::Found Principals::find(const Credentials& credentials, const Now& now,
                                   RecentCaller* recent) const {
  if (anonymous_) return {Outcome::ok, unowned(*anonymous_)};
  if (recent != nullptr) {
    if (auto known = find_again(credentials, now, *recent)) {
      recent->last_ = {};  // the next token does not follow one of its own
      return std::move(*known);
    }
  }
  const bool sends_bearer = credentials.authorization && is_bearer(*credentials.authorization);
  if (!sends_bearer && !credentials.certificate_names.empty()) {
    const auto index = keys_->find_certificate(credentials.certificate_names);
    if (!index) return {Outcome::unknown};
    return found_key(*index, keys_->principal_of(keys_->key(*index)), credentials, now);
  }
  if (!credentials.authorization) return {Outcome::missing};
  const std::string_view token = bearer_token(*credentials.authorization);
  if (token.empty() || credentials.authorization_fields > 1) return {Outcome::malformed};
  const Sha256 hash = sha256(token);
  const bool repeated = recent != nullptr && recent->repeats(hash);
  if (const auto index = keys_->find(hash)) {
    auto principal = keys_->principal_of(keys_->key(*index));
    if (repeated) recent->keep(self_, *credentials.authorization, *index, principal);
    return found_key(*index, std::move(principal), credentials, now);
  }
  if (issuers_.empty()) return {Outcome::unknown};
  if (auto known = remembered(hash, now)) {
    Found found = found_token(*known);
    if (repeated) recent->keep(self_, *credentials.authorization, std::move(*known));
    return found;
  }
  if (!jwt::looks_like_token(token)) return {Outcome::unknown};
  return {Outcome::unverified};
}

std::optional<Principals::Found> Principals::find_again(const Credentials& credentials, const Now& now,
                                                        const RecentCaller& recent) const {
  if (!credentials.authorization || credentials.authorization_fields > 1 ||
      !recent.knows(self_, *credentials.authorization))
    return std::nullopt;
  if (recent.key_principal_) return found_key(recent.key_, recent.key_principal_, credentials, now);
  if (!is_valid(recent.token_, now)) return std::nullopt;
  return found_token(recent.token_);
}

Principals::Found Principals::found_key(std::size_t index, std::shared_ptr<const Principal> principal,
                                        const Credentials& credentials, const Now& now) const {
  const catalog::KeyView key = keys_->key(index);
  Outcome outcome = Outcome::ok;
  if (!key.active) {
    outcome = Outcome::revoked;
  } else if (!key.lifetime.includes(now.time)) {
    outcome = Outcome::expired;
  } else if (!key.allowed_cidrs.empty()) {
    const std::string client = credentials.client_address ? credentials.client_address() : std::string();
    const auto includes = [&](const Cidr& network) { return network.contains(client); };
    if (std::ranges::none_of(key.allowed_cidrs, includes)) outcome = Outcome::address;
  }
  return {outcome, std::move(principal)};
}

Principals::Found Principals::found_token(const VerifiedToken& token) const {
  return {Outcome::ok, token.principal, issuers_[token.issuer].grants.issuer().id, {}, {}};
}

bool Principals::is_valid(const VerifiedToken& token, const Now& now) const {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now.time.time_since_epoch()).count();
  return seconds >= token.valid_from && seconds < token.valid_until &&
         issuers_[token.issuer].keys->is_current(token.keys_number, now.steady);
}

std::optional<VerifiedToken> Principals::remembered(const Sha256& hash, const Now& now) const {
  auto token = verified_->find(hash);
  if (token && !is_valid(*token, now)) {
    verified_->forget(hash);
    token.reset();
  }
  return token;
}

Principals::Found Principals::verify(std::string_view token, const Now& now) const {
  const Sha256 hash = sha256(token);
  if (const auto known = remembered(hash, now)) return found_token(*known);  // while this one waited
  const auto parsed = jwt::parse_token(token);
  if (!parsed) return {Outcome::token, {}, {}, "the token is malformed", {}};
  const auto named = parsed->claims.text({"iss"});
  const auto found = named ? issuer_by_name_.find(*named) : issuer_by_name_.end();
  if (found == issuer_by_name_.end()) return {Outcome::issuer, {}, {}, "no issuer has this `iss`", {}};
  const TokenIssuer& issuer = issuers_[found->second];
  const std::string_view id = issuer.grants.issuer().id;
  const IssuerKeys::Current current = issuer.keys->current(now.steady);
  static const jwt::KeySet kNone;
  const jwt::Verdict verdict =
      jwt::verify(*parsed, current.keys ? *current.keys : kNone, issuer.grants.issuer().rules, now.time);
  if (!current.keys && verdict.outcome == jwt::Verdict::Outcome::unknown_key)
    return {Outcome::issuer, {}, id, "the key set of the issuer is not available", issuer.keys,
            current.number};
  if (verdict.outcome == jwt::Verdict::Outcome::unknown_key)
    return {Outcome::token, {}, id, verdict.reason, issuer.keys, current.number};
  if (verdict.outcome != jwt::Verdict::Outcome::ok) return {Outcome::token, {}, id, verdict.reason, {}};
  auto principal = issuer.grants.principal_of(parsed->claims);
  if (!principal) return {Outcome::token, {}, id, "the tenant claim is missing or not acceptable", {}};
  auto shared = std::make_shared<const Principal>(std::move(*principal));
  verified_->keep(hash, {shared, found->second, current.number, verdict.valid_from, verdict.valid_until});
  return {Outcome::ok, std::move(shared), id, {}, {}};
}

bool same_principals(const catalog::Catalog& one, const catalog::Catalog& other) {
  if (&one == &other) return true;
  return one.auth == other.auth && one.keys == other.keys && one.issuers == other.issuers &&
         std::equal(one.endpoints.begin(), one.endpoints.end(), other.endpoints.begin(),
                    other.endpoints.end(), [&](const auto& a, const auto& b) {
                      return a.first == b.first && a.second.tenant_scoped == b.second.tenant_scoped &&
                             tenant_type(one.dataset_of(a.second)) == tenant_type(other.dataset_of(b.second));
                    });
}

}  // namespace offloader::identity
