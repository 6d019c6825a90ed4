#include "offloader/base/bounded_name.h"

#include "offloader/base/crypto.h"

namespace offloader {
namespace {

constexpr std::size_t kKept = 200;

}  // namespace

std::string_view bounded_name(std::string_view name, std::string& buffer) {
  if (name.size() <= kMostName) return name;
  std::size_t end = kKept;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U)
    --end;  // not within a character
  buffer.assign(name.substr(0, end)).append("…").append(to_hex(sha256(name)), 0, 32);
  return buffer;
}

}  // namespace offloader
