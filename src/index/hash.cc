#include <xxhash.h>

#include "offloader/index/format.h"

namespace offloader::index {

struct Hash::State {
  State() { XXH3_64bits_reset(&xxh3); }
  XXH3_state_t xxh3;
};

Hash::Hash() : state_(std::make_unique<State>()) {}
Hash::Hash(Hash&&) noexcept = default;
Hash& Hash::operator=(Hash&&) noexcept = default;
Hash::~Hash() = default;

void Hash::update(const void* data, std::size_t bytes) {
  XXH3_64bits_update(&state_->xxh3, data, bytes);
}

std::uint64_t Hash::value() const {
  return XXH3_64bits_digest(&state_->xxh3);
}

std::uint64_t hash_of(const void* data, std::size_t bytes) {
  return XXH3_64bits(data, bytes);
}

}  // namespace offloader::index
