#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

namespace offloader {

// A URL of a place that data comes from, or of a server: `s3://bucket/key`, `gs://bucket/key`, `https://` and
// `http://`. Every check of a URL and every request reads the same parsed value, so that what was checked is
// what is asked for.
struct Url {
  enum class Scheme { s3, gs, https, http };

  Scheme scheme = Scheme::https;
  // A bucket as written; a host in lower case, an IPv6 address in its shortest form and without brackets.
  std::string host{};
  std::uint16_t port = 0;  // 0: the scheme's own
  // As written, but that what RFC 3986 forbids is percent-encoded. Empty, or begins with `/`. In a bucket
  // this is `/` and the raw key: `?`, `#` and `%` are letters of it.
  std::string path{};
  std::string query{};  // as written, with its `?`; empty without one

  [[nodiscard]] bool is_web() const { return scheme == Scheme::https || scheme == Scheme::http; }
  // The key in its bucket.
  [[nodiscard]] std::string key() const { return path.empty() ? std::string() : path.substr(1); }
  // The port that a connection goes to.
  [[nodiscard]] std::uint16_t connect_port() const;
  // Bucket, or host[:port], an IPv6 address in brackets.
  [[nodiscard]] std::string authority() const;
  // What a request line holds: path and query, at least `/`.
  [[nodiscard]] std::string target() const;
  // `scheme://authority`, one text for every spelling of it.
  [[nodiscard]] std::string origin() const;
  // The whole URL in the spelling that is requested.
  [[nodiscard]] std::string text() const { return origin() + (is_web() ? target() : path); }
  // One text for every spelling of the same object: escapes in upper case, none where none is needed.
  [[nodiscard]] std::string comparable() const;
};

// Schemes in any case; `gcs` is `gs`. The fragment of a web URL is dropped, a default port as well.
// `invalid_config`, without any part of the text, for another scheme, a user or password, no bucket or host,
// a host of other letters than `A-Z a-z 0-9 . - _`, a name that ends in a number (some resolvers read it as
// an IPv4 address), a port outside of 1 to 65535, a broken escape, and a space or control character in a web
// URL. Pure; time linear in the text.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// Whether a text is meant as a URL, whatever it is worth.
[[nodiscard]] bool looks_like_url(std::string_view text);

}  // namespace offloader
