#include <cstddef>
#include <cstdint>

#include "offloader/catalog/load.h"

// Reads arbitrary bytes as each kind of project file. This must produce findings, never a crash or a hang.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  for (const char* name : {"datasets/x.yml", "endpoints/x.yml", "keys/k.yml", "offloader.yml"}) {
    std::map<std::string, std::string> files{{"offloader.yml", "version: 1\nkeys: keys/k.yml\n"}};
    files["datasets/d.yml"] = "id: d\nmanifest: m.json\nschema: [{name: c, type: DATE}]\n";
    files[name] = text;
    (void)offloader::catalog::to_json(offloader::catalog::load_project_files(std::move(files)).findings);
  }
  return 0;
}
