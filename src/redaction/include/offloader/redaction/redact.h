#pragma once

#include <string>
#include <string_view>
#include <vector>

// Masks secrets in text that leaves the machine, mainly in support bundles (cli.md, "Support bundle"). The
// functions are pure and may be called from any thread; they never fail. They scan characters instead of
// parsing, so that invalid YAML or JSON is masked too, and prefer to mask too much rather than too little.
// Best effort: a secret survives if its field has an unsuspicious name and its value has no known shape.
namespace offloader {

struct RedactOptions {
  bool tenants = false;               // also mask the values of `tenant` fields, for keys files
  std::vector<std::string> literals;  // masked everywhere as whole words; empty ones are ignored
};

// The text that replaces a secret. Redacting redacted text changes nothing.
inline constexpr std::string_view kRedacted = "<redacted>";

// Returns `text` (UTF-8) with these masked:
// - The values of fields with secret names: in YAML (plain, quoted, multi-line, block and flow values, whole
//   mappings and lists, values named by `*alias`), JSON (also inside JSON strings), `KEY=value`,
//   here-documents, XML elements, `--flag value` and `-flag value` (also as items of a list), and the
//   `value:` before or after a `name: KEY`.
// - The user part of URLs, signatures and credentials in signed URLs, also percent-encoded, and the argument
//   of `-u user:password`.
// - Values of a known shape: bearer tokens, `offl_` tokens, PEM blocks, JWTs and JWEs, and the keys of AWS,
//   Google and others.
// Hashes of keys are kept. Valid JSON stays valid; letters written as \u00xx are decoded. Takes time linear
// in the text.
[[nodiscard]] std::string redact(std::string_view text, const RedactOptions& options = {});

// Whether a field of this name holds a secret, such as `clientSecret`, `AWS_SECRET_ACCESS_KEY` or
// `x-api-key`.
[[nodiscard]] bool is_secret_name(std::string_view name);

}  // namespace offloader
