#pragma once

#include <string>
#include <string_view>
#include <vector>

// Takes secrets out of text that leaves the machine: support bundles, above all (cli.md, "Support bundle").
// Works on the letters alone, so that a file that is no valid YAML or JSON is masked too, and rather masks
// too much than too little. Best effort: a secret in a field with an innocent name, in no known shape,
// survives.
namespace offloader {

struct RedactOptions {
  bool tenants = false;               // a keys file: the values of `tenant` as well
  std::vector<std::string> literals;  // masked wherever they stand, as whole words; empty ones are ignored
};

// What stands in a secret's place. Redacting redacted text changes nothing.
inline constexpr std::string_view kRedacted = "<redacted>";

// `text` (UTF-8) with these masked:
// - values of fields named like secrets: YAML (plain, quoted, over several lines, block scalars, flow, whole
//   mappings and lists, by `*alias`), JSON (also inside of JSON strings), `KEY=value`, here-documents, XML
//   elements, `--flag value`, `-flag value`, also as items of a list, `name: KEY` on either side of `value:`;
// - the user part of URLs, signatures and credentials in signed ones, also percent-encoded; `-u
// user:password`;
// - bearer tokens, `offl_` tokens, PEM blocks, JWTs and JWEs, keys of AWS, Google and others by their shapes.
// Key hashes stay. JSON stays JSON; letters that it writes as \u00xx are written plainly. Pure; time linear
// in the text.
[[nodiscard]] std::string redact(std::string_view text, const RedactOptions& options = {});

// Whether a field of this name holds a secret: `clientSecret`, `AWS_SECRET_ACCESS_KEY`, `x-api-key`.
[[nodiscard]] bool is_secret_name(std::string_view name);

}  // namespace offloader
