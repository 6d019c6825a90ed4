#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/crypto.h"

// The form of the lines of the audit log, and the chain that they make (identity.md, "Audit"):
//
//   {"seq":17,"time":"…","event":"…",…,"hmac":"{64 hex digits}"}
//
// The HMAC is HMAC-SHA256 over the 32 bytes of the HMAC of the line before (zeros before the first one),
// followed by the line up to `,"hmac":`. Pure; any thread may call these functions.
namespace offloader::audit {

// The end of a chain: the number and the HMAC of its last line; 0 and zeros before the first.
struct Head {
  std::uint64_t seq = 0;
  Sha256 hmac{};

  friend bool operator==(const Head&, const Head&) = default;
};

// Events of the log's own lines, and what an `opened` line says of its file.
inline constexpr std::string_view kOpened = "opened";
inline constexpr std::string_view kNewFile = "new";
inline constexpr std::string_view kContinuedFile = "continued";

// The longest line that the log writes or a reader accepts, in bytes. Lists in records are bounded, so no
// record comes near it.
inline constexpr std::size_t kMostLine = 1U << 20;

// Appends the line with these members (Record::members()) and its line end, and moves the head to it.
void append_line(std::string& out, const Sha256& key, Head& head, std::string_view members);

// The parts of a line of this form, without its line end.
struct Line {
  std::uint64_t seq = 0;
  std::string_view sealed;  // what the HMAC is over
  Sha256 hmac{};

  // Returns whether the line follows `before` in a chain of this key.
  [[nodiscard]] bool follows(const Head& before, const Sha256& key) const;
  [[nodiscard]] Head head() const { return {seq, hmac}; }
};

// Returns nullopt if the text has another form.
[[nodiscard]] std::optional<Line> parse_line(std::string_view text);

// Returns whether `text` can be the beginning of line `seq`.
[[nodiscard]] bool begins_line(std::string_view text, std::uint64_t seq);

// The same for a line of any number.
[[nodiscard]] bool begins_some_line(std::string_view text);

// Returns whether `text` can be a line that follows `before`, without its end: up to its HMAC it can be
// anything, and from there on it must be a part of the right one.
[[nodiscard]] bool may_be_part(std::string_view text, const Head& before, const Sha256& key);

// Returns the head before a line that begins a file and names it (opened_record()); nullopt for any other
// line.
[[nodiscard]] std::optional<Head> start_of(const Line& line);

// Returns the text member `name` of a line as it is written, without quotes; empty if there is none.
// Requires: the line has no earlier text that a caller chose.
[[nodiscard]] std::string_view member_of(std::string_view line, std::string_view name);

}  // namespace offloader::audit
