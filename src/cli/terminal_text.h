#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

// Safe output to terminals. Commands print text from servers, manifests, project files and file names.
// Control characters in it could move the cursor, set the title or hide a line. Every output stream of a
// command therefore goes through an EscapingBuffer; the command's own control sequences bypass the escaping.
namespace offloader::cli {

// Writes to another buffer, which must outlive it, and replaces control characters by \u00xx: C0 except
// newline and tab, DEL, C1, and those that reorder text (U+202A to U+202E, U+2066 to U+2069). In JSON output
// these can only occur inside strings, where the replacement is a valid JSON escape. Invalid UTF-8 becomes
// U+FFFD. Used by one thread.
class EscapingBuffer final : public std::streambuf {
 public:
  explicit EscapingBuffer(std::streambuf& to) : to_(to) {}
  ~EscapingBuffer() override;
  EscapingBuffer(const EscapingBuffer&) = delete;
  EscapingBuffer& operator=(const EscapingBuffer&) = delete;

  // Writes `text` without escaping. Returns false if it cannot be written.
  bool write_unescaped(std::string_view text);

 protected:
  int_type overflow(int_type letter) override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;
  int sync() override;

 private:
  void drain(bool all);

  std::streambuf& to_;
  std::string held_;  // the beginning of a character that is not yet complete
};

// Returns the text as one cell of a table: as EscapingBuffer writes it, with newlines and tabs escaped too,
// so that no text can look like another row or column.
[[nodiscard]] std::string escaped_cell(std::string_view text);

// Sends a control sequence or binary data to what is behind `to`, bypassing the escaping if there is any.
// Returns false if it cannot be written.
bool write_unescaped(std::ostream& to, std::string_view sequence);

}  // namespace offloader::cli
