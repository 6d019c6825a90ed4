#include <algorithm>

#include "offloader/index/format.h"

namespace offloader::index {
namespace {

constexpr std::uint64_t kMulA = 0xFF51AFD7ED558CCDULL;
constexpr std::uint64_t kMulB = 0xC4CEB9FE1A85EC53ULL;

std::uint64_t word_at(const unsigned char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

std::uint64_t round(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * kMulA, 31) * kMulB;
}

}  // namespace

void Hash::stripe(const unsigned char* p) {
  for (std::size_t i = 0; i < 4; ++i) lanes_[i] = round(lanes_[i], word_at(p + 8 * i));
}

void Hash::update(const void* data, std::size_t bytes) {
  const auto* p = static_cast<const unsigned char*>(data);
  total_ += bytes;
  if (rest_bytes_ != 0) {
    const std::size_t taken = std::min(bytes, sizeof rest_ - rest_bytes_);
    std::memcpy(rest_ + rest_bytes_, p, taken);
    rest_bytes_ += taken;
    p += taken;
    bytes -= taken;
    if (rest_bytes_ < sizeof rest_) return;
    stripe(rest_);
    rest_bytes_ = 0;
  }
  for (; bytes >= sizeof rest_; bytes -= sizeof rest_, p += sizeof rest_) stripe(p);
  if (bytes != 0) std::memcpy(rest_, p, bytes);
  rest_bytes_ = bytes;
}

std::uint64_t Hash::value() const {
  std::uint64_t mixed = total_ * kMulB;
  for (const std::uint64_t lane : lanes_) mixed = round(mixed ^ lane, lane);
  for (std::size_t i = 0; i < rest_bytes_; ++i) mixed = (std::rotl(mixed, 11) ^ rest_[i]) * kMulA;
  mixed ^= mixed >> 32;
  mixed *= kMulB;
  return mixed ^ (mixed >> 29);
}

std::uint64_t hash_of(const void* data, std::size_t bytes) {
  Hash hash;
  hash.update(data, bytes);
  return hash.value();
}

}  // namespace offloader::index
