// Feeds the input as a header value to each parser of the API port. Checks that none crashes and that each
// result has its documented shape.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "access_log.h"
#include "client_address.h"
#include "compression.h"
#include "etag_match.h"
#include "offloader/base/request_id.h"

namespace {

using namespace offloader;

// A request from a trusted proxy that has the same value in every header.
class ProxiedRequest final : public http::Request {
 public:
  ProxiedRequest(std::string_view value, bool forwarded) : value_(value), forwarded_(forwarded) {}
  std::string_view method() const override { return "GET"; }
  std::string_view target() const override { return "/"; }
  std::optional<std::string_view> header(std::string_view name) const override {
    if (name == "forwarded" && !forwarded_) return std::nullopt;
    return value_;
  }
  std::size_t header_count(std::string_view) const override { return 1; }
  std::string_view peer() const override { return "127.0.0.1"; }
  std::size_t io_thread() const override { return 0; }

 private:
  std::string_view value_;
  bool forwarded_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string value(data, data + size);
  (void)api::negotiate(value);
  constexpr std::string_view kTag = "W/\"0123456789abcdef\"";
  if (api::etag_matches(value, kTag) && value.find('*') == std::string::npos &&
      value.find("\"0123456789abcdef") == std::string::npos)
    std::abort();
  const std::string trace = api::trace_id_of(value);
  if (!trace.empty() && trace.size() != 32) std::abort();
  const std::string id = request_id_for(value, false);
  const bool plain = std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
  });
  if (id.empty() || id.size() > 200 || !plain) std::abort();
  static const std::vector<Cidr> kTrusted = {*Cidr::parse("127.0.0.0/8"), *Cidr::parse("10.0.0.0/8")};
  for (const bool forwarded : {false, true}) {
    const auto client = api::client_address(ProxiedRequest(value, forwarded), kTrusted);
    if (!Cidr::parse(client.address)) std::abort();
  }
  return 0;
}
