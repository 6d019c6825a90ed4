#include "offloader/redaction/redact.h"

#include <array>

#include "steps.h"

namespace offloader {
namespace {

using ascii::is_alnum;
using ascii::is_lower;
using ascii::is_upper;

// Returns the words of a name in lower case, each after a blank: " aws secret access key". Words end at
// changes of case and at every character that is not a letter or digit.
std::string words_of(std::string_view name) {
  std::string words;
  bool inside = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_alnum(c)) {
      inside = false;
      continue;
    }
    const bool next_is_lower = i + 1 < name.size() && is_lower(name[i + 1]);
    const bool hump = inside && is_upper(c) && (!is_upper(name[i - 1]) || next_is_lower);
    if (!inside || hump) words += ' ';
    words += ascii::to_lower(c);
    inside = true;
  }
  return words;
}

// Masks each occurrence of `literal` that is a whole word.
std::string mask_literal(std::string_view text, std::string_view literal) {
  const auto is_word = [](char c) { return is_alnum(c) || c == '_'; };
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find(literal); at != std::string_view::npos; at = text.find(literal, at)) {
    const std::size_t end = at + literal.size();
    const bool opens = at == 0 || !is_word(text[at - 1]) || !is_word(literal.front());
    const bool closes = end == text.size() || !is_word(text[end]) || !is_word(literal.back());
    if (opens && closes) {
      out.append(text.substr(done, at - done)).append(kRedacted);
      done = end;
    }
    at = opens && closes ? end : at + 1;
  }
  return out.append(text.substr(done));
}

// Decodes escapes such as `\u0041` (`A`), also in JSON strings inside JSON strings, so that each shape has
// one spelling. Only letters, digits and other characters of keys are decoded; JSON requires some of the
// other escapes.
std::string decode_letters(std::string_view text) {
  constexpr std::string_view kPlain = "+/-_.:@=%~";
  constexpr std::size_t kDigits = 4;
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find("\\u00"); at != std::string_view::npos; at = text.find("\\u00", at + 1)) {
    const std::string_view code = text.substr(at + 2).substr(0, kDigits);
    if (code.size() < kDigits || !ascii::is_hex(code[2]) || !ascii::is_hex(code[3])) continue;
    const int value = ascii::hex_value(code[2]) * 16 + ascii::hex_value(code[3]);
    const char letter = value < 0x80 ? static_cast<char>(value) : '\0';
    if (!is_alnum(letter) && kPlain.find(letter) == std::string_view::npos) continue;
    std::size_t begin = at;
    while (begin > done && text[begin - 1] == '\\') --begin;
    out.append(text.substr(done, begin - done)).push_back(letter);
    done = at + 2 + kDigits;
  }
  return out.append(text.substr(done));
}

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string words = words_of(name) + ' ';
  // Compares whole words, so that `passenger` and `signal` are kept.
  constexpr std::array<std::string_view, 14> kWords = {
      " pass ", " pwd ",       " creds ", " bearer ", " cookie ", " sig ",         " sas ",
      " dsn ",  " signature ", " jwt ",   " otp ",    " pat ",    " key pair id ", " access id "};
  for (const std::string_view word : kWords) {
    if (words.find(word) != std::string::npos) return true;
  }
  std::string squashed;
  for (const char c : words) {
    if (c != ' ') squashed += c;
  }
  constexpr std::array<std::string_view, 24> kParts = {
      "password",      "passwd",           "passphrase", "passcode",  "secret",        "token",
      "credential",    "apikey",           "privatekey", "accesskey", "authkey",       "sharedkey",
      "masterkey",     "signingkey",       "accountkey", "sshkey",    "encryptionkey", "accesskeyid",
      "authorization", "connectionstring", "keyid",      "setcookie", "clientkey",     "keydata"};
  for (const std::string_view part : kParts) {
    if (squashed.find(part) != std::string::npos) return true;
  }
  return false;
}

std::string redact(std::string_view text, const RedactOptions& options) {
  std::string out = decode_letters(text);
  for (const std::string& literal : options.literals) {
    if (!literal.empty()) out = mask_literal(out, literal);
  }
  // Mask shapes first: their bounds are certain, and the rest of a field is masked later with the field.
  return redaction::mask_fields(redaction::mask_elements(redaction::mask_shapes(out)), options.tenants);
}

}  // namespace offloader
