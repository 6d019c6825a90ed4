#include "offloader/catalog/key_table.h"

#include <algorithm>
#include <limits>
#include <map>

namespace offloader::catalog {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kUnset = std::numeric_limits<std::int64_t>::min();

std::int64_t micros_of(const std::optional<SystemTime>& time) {
  return time ? time->time_since_epoch().count() : kUnset;
}

std::optional<SystemTime> time_of(std::int64_t micros) {
  if (micros == kUnset) return std::nullopt;
  return SystemTime(std::chrono::microseconds(micros));
}

template <typename T>
std::size_t bytes_of(const std::vector<T>& items) {
  return items.capacity() * sizeof(T);
}

// What every key has, in one cache line. Its texts (id, tenant, description and SAN) follow each other in
// Data::text.
struct alignas(64) Record {
  Sha256 hash{};
  std::uint32_t text = 0;
  std::uint32_t tenant_length = kNone;  // kNone: the key has no tenant
  std::uint32_t grants = 0;
  std::uint32_t rest = kNone;  // index in Data::rests
  std::uint32_t line = 0;
  std::uint8_t id_length = 0;
  bool active = true;

  friend bool operator==(const Record&, const Record&) = default;
};

// The fields that few keys have.
struct Rest {
  std::int64_t not_before = kUnset;
  std::int64_t expires_at = kUnset;
  std::uint32_t description_length = 0;
  std::uint32_t san_length = 0;
  std::uint32_t previous = kNone;  // index in Data::previous
  std::uint32_t first_cidr = 0;
  std::uint32_t cidrs = 0;
  std::uint32_t limits = kNone;  // index in Data::limits

  friend bool operator==(const Rest&, const Rest&) = default;
};

}  // namespace

struct KeyTable::Data {
  std::vector<Record> records;
  std::vector<Rest> rests;
  std::vector<Sha256> previous;
  std::vector<Cidr> cidrs;
  std::vector<KeyGrants> grants;
  std::vector<SharedLimits> limits;
  std::string text;

  friend bool operator==(const Data&, const Data&) = default;
};

struct KeyTable::Builder::State {
  std::shared_ptr<Data> data = std::make_shared<Data>();
  std::map<KeyGrants, std::uint32_t> grants;
};

KeyTable::KeyTable() : data_(std::make_shared<const Data>()) {}

KeyTable::KeyTable(std::span<const Key> keys) : KeyTable() {
  Builder builder;
  for (const Key& key : keys) builder.add(key);
  *this = builder.take();
}

KeyTable::KeyTable(std::initializer_list<Key> keys)
    : KeyTable(std::span<const Key>(keys.begin(), keys.size())) {}

std::size_t KeyTable::size() const {
  return data_->records.size();
}

KeyView KeyTable::view(std::size_t index) const {
  const Data& data = *data_;
  const Record& record = data.records[index];
  std::string_view text = std::string_view(data.text).substr(record.text);
  const auto take = [&](std::size_t length) {
    const auto part = text.substr(0, length);
    text.remove_prefix(length);
    return part;
  };
  KeyView out{.id = take(record.id_length),
              .hash = &record.hash,
              .grants = record.grants,
              .active = record.active,
              .line = static_cast<int>(record.line)};
  if (record.tenant_length != kNone) out.tenant = take(record.tenant_length);
  if (record.rest == kNone) return out;
  const Rest& rest = data.rests[record.rest];
  out.description = take(rest.description_length);
  out.certificate_san = take(rest.san_length);
  if (rest.san_length > 0) out.hash = nullptr;
  if (rest.previous != kNone) out.previous_hash = &data.previous[rest.previous];
  out.lifetime = {time_of(rest.not_before), time_of(rest.expires_at)};
  out.allowed_cidrs = std::span(data.cidrs).subspan(rest.first_cidr, rest.cidrs);
  if (rest.limits != kNone) out.limits = &data.limits[rest.limits];
  return out;
}

Key KeyTable::operator[](std::size_t index) const {
  const KeyView view = this->view(index);
  Key key{.id = std::string(view.id),
          .hash = view.hash != nullptr ? *view.hash : Sha256{},
          .tenant = view.tenant ? std::optional<std::string>(*view.tenant) : std::nullopt,
          .endpoints = grants()[view.grants].endpoints,
          .active = view.active,
          .every_endpoint = grants()[view.grants].every_endpoint,
          .description = std::string(view.description),
          .certificate_san = std::string(view.certificate_san),
          .lifetime = view.lifetime,
          .allowed_cidrs = {view.allowed_cidrs.begin(), view.allowed_cidrs.end()},
          .line = view.line};
  if (view.previous_hash != nullptr) key.previous_hash = *view.previous_hash;
  if (view.limits != nullptr) key.limits = *view.limits;
  return key;
}

const std::vector<KeyGrants>& KeyTable::grants() const {
  return data_->grants;
}

std::size_t KeyTable::bytes() const {
  const Data& data = *data_;
  return sizeof(Data) + bytes_of(data.records) + bytes_of(data.rests) + bytes_of(data.previous) +
         bytes_of(data.cidrs) + bytes_of(data.grants) + bytes_of(data.limits) +
         data.limits.size() * sizeof(Limits) + data.text.capacity();
}

KeyTable::Iterator KeyTable::begin() const {
  return {*this, 0};
}

KeyTable::Iterator KeyTable::end() const {
  return {*this, size()};
}

bool operator==(const KeyTable& a, const KeyTable& b) {
  return a.data_ == b.data_ || *a.data_ == *b.data_;
}

KeyTable::Builder::Builder() : state_(std::make_unique<State>()) {}

KeyTable::Builder::~Builder() = default;

void KeyTable::Builder::add(const Key& key) {
  Data& data = *state_->data;
  Record record{.hash = key.hash,
                .text = static_cast<std::uint32_t>(data.text.size()),
                .line = static_cast<std::uint32_t>(key.line),
                .id_length = static_cast<std::uint8_t>(key.id.size()),
                .active = key.active};
  data.text += key.id;
  if (key.tenant) {
    record.tenant_length = static_cast<std::uint32_t>(key.tenant->size());
    data.text += *key.tenant;
  }
  Rest rest{.not_before = micros_of(key.lifetime.not_before),
            .expires_at = micros_of(key.lifetime.expires_at),
            .description_length = static_cast<std::uint32_t>(key.description.size()),
            .san_length = static_cast<std::uint32_t>(key.certificate_san.size())};
  data.text.append(key.description).append(key.certificate_san);
  if (key.previous_hash) {
    rest.previous = static_cast<std::uint32_t>(data.previous.size());
    data.previous.push_back(*key.previous_hash);
  }
  if (!key.allowed_cidrs.empty()) {
    // Keys that follow each other often have the same networks.
    const auto last = std::span(data.cidrs).last(std::min(data.cidrs.size(), key.allowed_cidrs.size()));
    if (!std::ranges::equal(last, key.allowed_cidrs))
      data.cidrs.insert(data.cidrs.end(), key.allowed_cidrs.begin(), key.allowed_cidrs.end());
    rest.cidrs = static_cast<std::uint32_t>(key.allowed_cidrs.size());
    rest.first_cidr = static_cast<std::uint32_t>(data.cidrs.size()) - rest.cidrs;
  }
  if (key.limits.get() != nullptr) {
    // Likewise with the same limits.
    if (data.limits.empty() || data.limits.back() != key.limits) data.limits.push_back(key.limits);
    rest.limits = static_cast<std::uint32_t>(data.limits.size()) - 1;
  }
  if (rest != Rest{}) {
    record.rest = static_cast<std::uint32_t>(data.rests.size());
    data.rests.push_back(rest);
  }
  const auto [known, inserted] = state_->grants.try_emplace(KeyGrants{key.endpoints, key.every_endpoint},
                                                            static_cast<std::uint32_t>(data.grants.size()));
  if (inserted) data.grants.push_back(known->first);
  record.grants = known->second;
  data.records.push_back(record);
}

KeyTable KeyTable::Builder::take() {
  const auto done = std::exchange(state_, std::make_unique<State>());
  Data& data = *done->data;
  data.records.shrink_to_fit();
  data.rests.shrink_to_fit();
  data.previous.shrink_to_fit();
  data.cidrs.shrink_to_fit();
  data.limits.shrink_to_fit();
  data.text.shrink_to_fit();
  return KeyTable(done->data);
}

}  // namespace offloader::catalog
