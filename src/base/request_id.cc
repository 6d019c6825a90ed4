#include "offloader/base/request_id.h"

#include <algorithm>
#include <cstdint>

#include "offloader/base/ascii.h"
#include "offloader/base/crypto.h"

namespace offloader {
namespace {

bool may_be_kept(std::string_view id) {
  return !id.empty() && id.size() <= 200 && std::all_of(id.begin(), id.end(), [](char c) {
    return ascii::is_alnum(c) || c == '_' || c == '.' || c == '-';
  });
}

// Drawing random bytes for each request would cost more than the rest of a cached answer, so each thread
// draws a prefix once and then counts.
std::string make_id() {
  thread_local const std::string prefix = random_hex(10);
  thread_local std::uint64_t count = 0;
  ++count;
  std::string id = prefix;
  for (int shift = 44; shift >= 0; shift -= 4) id.push_back(ascii::kLowerHex[count >> shift & 15]);
  return id;
}

}  // namespace

std::string request_id_for(std::optional<std::string_view> sent, bool always_new) {
  if (!always_new && sent && may_be_kept(*sent)) return std::string(*sent);
  return make_id();
}

}  // namespace offloader
