#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "offloader/catalog/key_changes.h"
#include "offloader/catalog/keys_text.h"

// Reads arbitrary bytes as a keys file of both kinds. This must produce findings, never a crash or a hang. An
// edit of a valid file must change the one key alone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace catalog = offloader::catalog;
  const std::string text(data, data + size);
  for (const char* name : {"keys.ndjson", "keys.yml"}) {
    const catalog::CheckedKeys before = catalog::check_keys(text, name);
    const auto parsed = catalog::KeysText::parse(text, name);
    if (!parsed || catalog::has_errors(before.findings) || before.keys.empty()) continue;
    const std::string id(before.keys.view(0).id);
    const auto changed = parsed->with_field(id, "description", "edited", "id");
    if (!changed) continue;
    const catalog::CheckedKeys after = catalog::check_keys(*changed, name);
    // The command refuses an edit that makes the file invalid, so only an edit of other keys is a mistake.
    if (catalog::has_errors(after.findings)) continue;
    const catalog::KeyChanges changes = catalog::changes_of(before.keys, after.keys);
    if (!changes.added.empty() || !changes.removed.empty() || changes.changed.size() > 1) std::abort();
  }
  return 0;
}
