#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

// Text on its way to a terminal. Commands print what servers, manifests, project files and file names say; a
// control character in it could move the cursor, set a title or hide a line. Every stream of a command passes
// EscapingBuffer, and what the command itself sends to steer the terminal goes around it.
namespace offloader::cli {

// Writes to another buffer, which must outlive it, with control characters as \u00xx: all of C0 but newline
// and tab, DEL, C1, and those that reorder lines of text (U+202A to U+202E, U+2066 to U+2069). Inside of JSON
// strings, where alone they can be, these are escapes of JSON. Bytes that are not UTF-8 become U+FFFD. One
// thread.
class EscapingBuffer final : public std::streambuf {
 public:
  explicit EscapingBuffer(std::streambuf& to) : to_(to) {}
  ~EscapingBuffer() override;
  EscapingBuffer(const EscapingBuffer&) = delete;
  EscapingBuffer& operator=(const EscapingBuffer&) = delete;

  // Writes `text` as it is.
  void write_unescaped(std::string_view text);

 protected:
  int_type overflow(int_type letter) override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;
  int sync() override;

 private:
  void drain(bool all);

  std::streambuf& to_;
  std::string held_;  // the beginning of a character whose rest is still to come
};

// Steers the terminal behind `to`, past the escaping where there is some.
void write_unescaped(std::ostream& to, std::string_view sequence);

}  // namespace offloader::cli
