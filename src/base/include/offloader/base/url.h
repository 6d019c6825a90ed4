#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

namespace offloader {

// The URL of a data source or a server: `s3://bucket/key`, `gs://bucket/key`, `https://` or `http://`. Checks
// and requests use the same parsed value, so the URL that was checked is the URL that is requested. A value
// type.
struct Url {
  enum class Scheme { s3, gs, https, http };

  Scheme scheme = Scheme::https;
  // A bucket as written, a host in lower case, or an IPv6 address in its shortest form without brackets.
  std::string host{};
  std::uint16_t port = 0;  // 0: the default port of the scheme
  // As written, with the characters that RFC 3986 forbids percent-encoded. Empty, or begins with `/`. For a
  // bucket this is `/` and the raw key, in which `?`, `#` and `%` are ordinary characters.
  std::string path{};
  std::string query{};  // as written, including its `?`; empty if there is none

  [[nodiscard]] bool is_web() const { return scheme == Scheme::https || scheme == Scheme::http; }
  // The object key within its bucket.
  [[nodiscard]] std::string key() const { return path.empty() ? std::string() : path.substr(1); }
  // The port to connect to.
  [[nodiscard]] std::uint16_t connect_port() const;
  // The bucket, or host[:port] with an IPv6 address in brackets.
  [[nodiscard]] std::string authority() const;
  // The request target: path and query, at least `/`.
  [[nodiscard]] std::string target() const;
  // `scheme://authority`, the same text for every spelling of it.
  [[nodiscard]] std::string origin() const;
  // The whole URL as it is requested.
  [[nodiscard]] std::string text() const { return origin() + (is_web() ? target() : path); }
  // One canonical text for all spellings of one object: escapes are in upper case and only where necessary.
  [[nodiscard]] std::string comparable() const;
};

// Parses a URL. Schemes may be in any case; `gcs` means `gs`. The fragment and a default port of a web URL
// are dropped. Fails with `invalid_config`, quoting no part of the text, for: another scheme; a user or
// password; a missing bucket or host; a host with characters other than `A-Z a-z 0-9 . - _`; a host name that
// ends in a number (some resolvers read it as an IPv4 address); a port outside 1 to 65535; a broken escape; a
// space or control character in a web URL. Pure; the time is linear in the text.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// Returns whether the text contains `://`, so is meant as a URL, valid or not.
[[nodiscard]] bool looks_like_url(std::string_view text);

// Returns whether the text is a valid URL whose scheme is http or https, in any case.
[[nodiscard]] bool is_web_url(std::string_view text);

}  // namespace offloader
