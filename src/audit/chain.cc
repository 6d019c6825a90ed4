#include "chain.h"

#include <algorithm>
#include <charconv>

#include "offloader/base/hash_text.h"
#include "offloader/base/json_text.h"
#include "offloader/base/keyed_hmac.h"

namespace offloader::audit {
namespace {

constexpr std::string_view kBegin = R"({"seq":)";
constexpr std::string_view kMac = R"(,"hmac":")";
constexpr std::string_view kEnd = "\"}";
constexpr std::size_t kHexDigits = 64;

Sha256 mac_of(const Sha256& key, const Sha256& before, std::string_view sealed) {
  std::string bytes;
  bytes.reserve(before.size() + sealed.size());
  bytes.append(reinterpret_cast<const char*>(before.data()), before.size()).append(sealed);
  return keyed_hmac(key, bytes);
}

}  // namespace

void append_line(std::string& out, const Sha256& key, Head& head, std::string_view members) {
  const std::size_t begin = out.size();
  out.append(kBegin);
  json::append_uint(out, head.seq + 1);
  out.append(",").append(members);
  head.hmac = mac_of(key, head.hmac, std::string_view(out).substr(begin));
  ++head.seq;
  out.append(kMac);
  append_hex(out, head.hmac);
  out.append(kEnd).append("\n");
}

bool Line::follows(const Head& before, const Sha256& key) const {
  const Sha256 wanted = mac_of(key, before.hmac, sealed);
  const auto view = [](const Sha256& digest) {
    return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
  };
  return seq == before.seq + 1 && equal_in_constant_time(view(wanted), view(hmac));
}

std::optional<Line> parse_line(std::string_view text) {
  constexpr std::size_t kTail = kMac.size() + kHexDigits + kEnd.size();
  if (text.size() > kMostLine || text.size() < kBegin.size() + kTail || !text.starts_with(kBegin) ||
      !text.ends_with(kEnd))
    return std::nullopt;
  Line line;
  line.sealed = text.substr(0, text.size() - kTail);
  const std::string_view tail = text.substr(line.sealed.size());
  const auto hmac = sha256_of_hex(tail.substr(kMac.size(), kHexDigits));
  if (!tail.starts_with(kMac) || !hmac) return std::nullopt;
  line.hmac = *hmac;
  const char* const digits = line.sealed.data() + kBegin.size();
  const char* const end = line.sealed.data() + line.sealed.size();
  const auto [stop, error] = std::from_chars(digits, end, line.seq);
  if (error != std::errc() || stop == end || *stop != ',' || *digits == '0') return std::nullopt;
  return line;
}

bool begins_line(std::string_view text, std::uint64_t seq) {
  std::string begin(kBegin);
  json::append_uint(begin, seq);
  begin.push_back(',');
  const std::size_t common = std::min(begin.size(), text.size());
  return text.substr(0, common) == std::string_view(begin).substr(0, common);
}

bool begins_some_line(std::string_view text) {
  const std::size_t common = std::min(kBegin.size(), text.size());
  return text.substr(0, common) == kBegin.substr(0, common);
}

bool may_be_part(std::string_view text, const Head& before, const Sha256& key) {
  const std::size_t at = text.rfind(kMac);
  if (at == std::string_view::npos) return true;
  std::string end(kMac);
  append_hex(end, mac_of(key, before.hmac, text.substr(0, at)));
  end.append(kEnd);
  const std::string_view rest = text.substr(at);
  return rest.size() < end.size() && end.starts_with(rest);
}

std::optional<Head> start_of(const Line& line) {
  if (member_of(line.sealed, "event") != kOpened || member_of(line.sealed, "file") != kNewFile)
    return std::nullopt;
  const auto previous = sha256_of_hex(member_of(line.sealed, "previous"));
  if (!previous) return std::nullopt;
  return Head{line.seq - 1, *previous};
}

std::string_view member_of(std::string_view line, std::string_view name) {
  const std::string mark = "\"" + std::string(name) + "\":\"";
  const std::size_t at = line.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view value = line.substr(at + mark.size());
  return value.substr(0, value.find('"'));
}

}  // namespace offloader::audit
