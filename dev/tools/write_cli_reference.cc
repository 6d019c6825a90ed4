// write-cli-reference [FOLDER; default .]: writes what is generated from the command tree into a source tree:
// the reference in Markdown, the manual page and the completions for bash and zsh.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "offloader/cli/cli.h"

int main(int argc, char** argv) {
  using offloader::cli::ReferenceFormat;
  const std::filesystem::path root = argc > 1 ? argv[1] : ".";
  for (const auto& [name, format] : {std::pair{"docs/reference/cli.md", ReferenceFormat::markdown},
                                     {"docs/offloader.1", ReferenceFormat::manual},
                                     {"completions/offloader.bash", ReferenceFormat::bash},
                                     {"completions/_offloader", ReferenceFormat::zsh}}) {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream file(root / name, std::ios::binary);
    file << offloader::cli::command_reference(format);
    if (!file.flush()) {
      std::cerr << "write-cli-reference: cannot write " << (root / name) << "\n";
      return 1;
    }
  }
  return 0;
}
