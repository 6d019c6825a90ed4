#include <array>

#include "steps.h"

namespace offloader::redaction {
namespace {

constexpr auto kNone = std::string_view::npos;

struct Mask {
  std::size_t begin = 0;  // begin == end masks nothing
  std::size_t end = 0;
};

// The end of the run of accepted characters that begins at `at`.
template <typename Accept>
std::size_t run(std::string_view text, std::size_t at, Accept accept) {
  while (at < text.size() && accept(text[at])) ++at;
  return at;
}

// Whether a letter or digit precedes `at` and does not end an escape such as `\\n` or `%3D`.
bool word_before(std::string_view text, std::size_t at) {
  if (at == 0 || !is_alnum(text[at - 1])) return false;
  if (at > 1 && text[at - 2] == '\\') return false;
  return !(at > 2 && text[at - 3] == '%');
}

// Matches `-----BEGIN X-----` up to its END line, or to the end of the text if there is none. SSH2 writes
// `---- BEGIN X ----`.
Mask pem(std::string_view text, std::size_t at) {
  std::size_t i = run(text, at, [](char c) { return c == '-'; });
  if (i - at < 4) return {};
  i = run(text, i, [](char c) { return c == ' '; });
  if (!istarts_with(text.substr(i), "BEGIN ")) return {};
  for (std::size_t end = text.find("END ", i); end != kNone; end = text.find("END ", end + 1)) {
    if (text[end - 1] != '-' && !(text[end - 1] == ' ' && text[end - 2] == '-')) continue;
    const std::size_t label_end = text.find_first_of("-\n", end);
    if (label_end == kNone) break;
    if (text[label_end] == '\n') continue;  // a label is on one line
    return {at, run(text, label_end, [](char c) { return c == '-'; })};
  }
  return {at, text.size()};
}

bool ends_url(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>';
}

// Matches the user part of `scheme://user:password@host`, also escaped as in JSON (`:\/\/`) or
// percent-encoded.
Mask url_user(std::string_view text, std::size_t at) {
  constexpr std::array<std::array<std::string_view, 2>, 3> kForms = {
      {{"://", "@"}, {":\\/\\/", "@"}, {"%3A%2F%2F", "%40"}}};
  for (const auto& [opening, at_sign] : kForms) {
    if (!istarts_with(text.substr(at), opening)) continue;
    const std::size_t begin = at + opening.size();
    std::size_t authority_end = kNone;
    std::size_t last_in_authority = kNone;
    std::size_t last = kNone;
    bool password = false;  // a `:` was seen that is not followed by a port number
    std::size_t i = begin;
    for (; i < text.size() && !ends_url(text[i]); ++i) {
      const char c = text[i];
      if (authority_end == kNone && (c == '/' || c == '?' || c == '#')) authority_end = i;
      if (c == ':' && authority_end == kNone) {
        const std::size_t digits = run(text, i + 1, is_digit);
        const char next = digits < text.size() ? text[digits] : '/';
        if (next != '/' && next != '?' && next != '#' && !ends_url(next)) password = true;
      }
      // Another URL in the same run of characters is matched separately.
      if (i > begin && (text.substr(i).starts_with("://") || istarts_with(text.substr(i), opening))) break;
      if (istarts_with(text.substr(i), at_sign)) {
        last = i;
        if (authority_end == kNone) last_in_authority = i;
      }
    }
    // A password that holds an unescaped slash still ends at the @.
    const std::size_t end = last_in_authority != kNone ? last_in_authority : password ? last : kNone;
    if (end == kNone || end == begin || text.substr(begin, end - begin) == kRedacted) return {};
    return {begin, end};
  }
  return {};
}

bool is_token(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '+' || c == '/' || c == '=';
}

Mask bearer(std::string_view text, std::size_t at) {
  constexpr std::string_view kWord = "bearer";
  if (word_before(text, at) || !istarts_with(text.substr(at), kWord)) return {};
  std::size_t begin = at + kWord.size();
  while (begin < text.size()) {
    if (is_blank(text[begin]) || text[begin] == '\n' || text[begin] == '+') {
      ++begin;
    } else if (text.substr(begin).starts_with("%20")) {
      begin += 3;
    } else {
      break;
    }
  }
  if (begin == at + kWord.size()) return {};
  return {begin, run(text, begin, is_token)};
}

// A kind of key that is recognized by its first characters.
struct Prefixed {
  std::string_view prefix;
  std::size_t least;   // minimum number of characters after the prefix
  bool dashes;         // they may include `-`, `_` and `.`
  bool upper;          // they are upper-case letters and digits only
  bool mixed = false;  // they must include a digit or an upper-case letter
};

// The ends of runs that were scanned without a match. Scanning them again from a later start in the same run
// would take quadratic time: `sk-sk-sk-` has a start at every third character.
struct Seen {
  std::size_t plain = 0;      // a run without a digit or an upper-case letter
  std::size_t no_header = 0;  // the header of a JWT without a payload
};

Mask prefixed(std::string_view text, std::size_t at, Seen& seen) {
  constexpr std::array<Prefixed, 48> kShapes = {{
      {"AKIA", 12, false, true},
      {"ASIA", 12, false, true},
      {"ABIA", 12, false, true},
      {"ACCA", 12, false, true},
      {"AROA", 12, false, true},
      {"AIDA", 12, false, true},
      {"AGPA", 12, false, true},
      {"AIPA", 12, false, true},
      {"ANPA", 12, false, true},
      {"ANVA", 12, false, true},
      {"APKA", 12, false, true},
      {"ASCA", 12, false, true},
      {"GOOG", 10, false, true},
      {"AIza", 25, true, false},
      {"ya29.", 4, true, false},
      {"GOCSPX-", 8, true, false},
      {"1//0", 16, true, false},
      {"ghp_", 16, false, false},
      {"gho_", 16, false, false},
      {"ghu_", 16, false, false},
      {"ghs_", 16, false, false},
      {"ghr_", 16, false, false},
      {"github_pat_", 16, true, false},
      {"glpat-", 16, true, false},
      {"xoxb-", 8, true, false},
      {"xoxp-", 8, true, false},
      {"xoxa-", 8, true, false},
      {"dapi", 28, true, false},
      {"sk_live_", 8, false, false},
      {"npm_", 30, false, false},
      {"sk_test_", 8, false, false},
      {"rk_live_", 8, false, false},
      {"rk_test_", 8, false, false},
      {"whsec_", 16, false, false},
      {"sk-", 16, true, false, true},
      {"hf_", 16, false, false},
      {"SG.", 16, true, false, true},
      {"pypi-", 16, true, false, true},
      {"hvs.", 16, true, false},
      {"dckr_pat_", 16, true, false},
      {"glsa_", 16, true, false},
      {"xoxs-", 8, true, false},
      {"xoxr-", 8, true, false},
      {"xapp-", 8, true, false},
      {"shpat_", 16, false, false},
      {"AGE-SECRET-KEY-", 16, false, true},
      {"LS0tLS1CRUdJTi", 16, false, false},
      {"dop_v1_", 16, false, false},
  }};
  // The first character excludes most positions.
  constexpr std::string_view kFirsts = "AGay1gxdsnrwhSpL";
  if (kFirsts.find(text[at]) == kNone) return {};
  for (const Prefixed& shape : kShapes) {
    if (!shape.upper && word_before(text, at)) continue;
    if (!text.substr(at).starts_with(shape.prefix)) continue;
    const std::size_t begin = at + shape.prefix.size();
    if (shape.mixed && begin < seen.plain) continue;
    const std::size_t end = run(text, begin, [&](char c) {
      if (shape.dashes && (c == '-' || c == '_' || c == '.')) return true;
      return shape.upper ? is_upper(c) || is_digit(c) : is_alnum(c);
    });
    const std::string_view rest = text.substr(begin, end - begin);
    const bool mixed = !shape.mixed || std::any_of(rest.begin(), rest.end(),
                                                   [](char c) { return is_upper(c) || is_digit(c); });
    if (rest.size() >= shape.least && mixed) return {at, end};
    if (!mixed) seen.plain = end;
  }
  return {};
}

Mask offloader_token(std::string_view text, std::size_t at) {
  constexpr std::string_view kPrefix = "offl_";
  if (!istarts_with(text.substr(at), kPrefix)) return {};
  const std::size_t end = run(text, at + kPrefix.size(), is_alnum);
  return end == at + kPrefix.size() ? Mask{} : Mask{at, end};
}

// Matches header.payload.signature, each in base64url, or the five parts of an encrypted token, the second of
// which may be empty. The header begins with `eyJ`, which encodes `{"`.
Mask jwt(std::string_view text, std::size_t at, Seen& seen) {
  constexpr std::size_t kParts = 5;
  constexpr std::size_t kShortest = 4;  // characters after the header
  if (at < seen.no_header || word_before(text, at) || !text.substr(at).starts_with("eyJ")) return {};
  const auto base64url = [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '='; };
  const std::size_t header = run(text, at, base64url);
  std::size_t end = header;
  for (std::size_t part = 1; part < kParts && end < text.size() && text[end] == '.'; ++part)
    end = run(text, end + 1, base64url);
  while (end > header && text[end - 1] == '.') --end;  // the full stops of a sentence
  if (end - header <= kShortest) {
    seen.no_header = header;
    return {};
  }
  return {at, end};
}

bool is_base64(char c) {
  return is_alnum(c) || c == '+' || c == '/';
}

// The end of the base64 run that begins at `at`. A slash may be escaped as in JSON; `/` and `+` may be
// percent-encoded.
std::size_t base64_run(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (is_base64(text[at])) {
      ++at;
    } else if (text.substr(at).starts_with("\\/")) {
      at += 2;
    } else if (istarts_with(text.substr(at), "%2F") || istarts_with(text.substr(at), "%2B")) {
      at += 3;
    } else {
      break;
    }
  }
  return at;
}

// Whether a run of base64 is an AWS secret key or a Google HMAC secret, which have 40 characters. The hash of
// a commit has no upper-case letters, and a path rarely has this length.
bool is_secret_key(std::string_view word) {
  constexpr std::size_t kLetters = 40;
  const auto escapes = static_cast<std::size_t>(std::count(word.begin(), word.end(), '\\') +
                                                2 * std::count(word.begin(), word.end(), '%'));
  return word.size() - escapes == kLetters && std::any_of(word.begin(), word.end(), is_upper) &&
         std::any_of(word.begin(), word.end(), is_lower) && std::any_of(word.begin(), word.end(), is_digit);
}

Mask shape_at(std::string_view text, std::size_t at, Seen& seen) {
  switch (text[at]) {
    case ':':
    case '%':
      return url_user(text, at);
    case 'b':
    case 'B':
      return bearer(text, at);
    case 'o':
    case 'O':
      return offloader_token(text, at);
    case 'e':
      return jwt(text, at, seen);
    default:
      return prefixed(text, at, seen);
  }
}

// Runs before the other shapes: masking a token could remove a BEGIN and leave the key after it.
std::string mask_pem(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find('-'); at != kNone; at = text.find('-', at)) {
    const Mask mask = pem(text, at);
    if (mask.begin == mask.end) {
      at = run(text, at, [](char c) { return c == '-'; });
      continue;
    }
    out.append(text.substr(done, at - done)).append(kRedacted);
    at = done = mask.end;
  }
  return out.append(text.substr(done));
}

}  // namespace

std::string mask_shapes(std::string_view original) {
  const std::string text = mask_pem(original);
  std::string out;
  out.reserve(text.size());
  Seen seen;
  std::size_t run_end = 0;  // of the last base64 run that was checked
  for (std::size_t at = 0; at < text.size();) {
    Mask mask = shape_at(text, at, seen);
    if (mask.begin == mask.end && at >= run_end && is_base64(text[at]) && !(at > 0 && text[at - 1] == '\\') &&
        !(at > 0 && text[at - 1] == '%') && !(at > 1 && text[at - 2] == '%')) {
      run_end = base64_run(text, at);
      if (is_secret_key(std::string_view(text).substr(at, run_end - at))) mask = {at, run_end};
    }
    if (mask.begin == mask.end) {
      out += text[at++];
      continue;
    }
    out.append(text, at, mask.begin - at).append(kRedacted);
    at = mask.end;
  }
  return out;
}

}  // namespace offloader::redaction
