#include "offloader/audit/verify.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "command.h"
#include "console.h"
#include "json_output.h"

namespace offloader::cli {
namespace {

struct VerifyFlags {
  std::vector<std::string> files;
  std::uint64_t last_seq = 0;
  bool json = false;
};

// No line proves nothing: an emptied log has none.
bool is_whole(const audit::Verdict& verdict) {
  return !verdict.broken && verdict.lines > 0;
}

std::string as_json(const audit::Verdict& verdict) {
  nlohmann::ordered_json out{{"valid", is_whole(verdict)},       {"lines", verdict.lines},
                             {"first_seq", verdict.first_seq},   {"last_seq", verdict.last_seq},
                             {"torn_bytes", verdict.torn_bytes}, {"break", nullptr}};
  if (verdict.broken) {
    out["break"] = {
        {"file", verdict.broken->file}, {"line", verdict.broken->line}, {"message", verdict.broken->message}};
  }
  return json_line(out);
}

void print(const VerifyFlags& flags, const audit::Verdict& verdict, World& world) {
  const std::string range = verdict.lines == 0
                                ? "no lines"
                                : fmt::format("{}, seq {} to {}", counted(verdict.lines, "line"),
                                              verdict.first_seq, verdict.last_seq);
  if (!verdict.broken) {
    world.out << (is_whole(verdict) ? "The audit log is whole: " : "Nothing was verified: ") << range
              << ", in " << counted(flags.files.size(), "file") << ".\n";
    if (verdict.torn_bytes > 0) {
      world.out << "The last " << counted(verdict.torn_bytes, "byte")
                << " are a line that is not complete: the server is writing it, or has crashed.\n";
    }
    return;
  }
  world.out << verdict.broken->file << ":" << verdict.broken->line << ": " << verdict.broken->message
            << "\nIn order before it: " << range << ".\n";
}

int verify(const VerifyFlags& flags, World& world) {
  const auto secret = read_secret(world, "", "OFFLOADER_SECRET_KEY_BASE");
  if (!secret) {
    world.err << secret.error().message << "\n";
    return kUsage;
  }
  if (secret->empty()) {
    world.err << "the secret of the server is required: set OFFLOADER_SECRET_KEY_BASE or "
                 "OFFLOADER_SECRET_KEY_BASE_FILE\n";
    return kUsage;
  }
  const auto verdict = audit::verify(flags.files, *secret, flags.last_seq);
  if (!verdict) {
    world.err << verdict.error().message << "\n";
    return kFailed;
  }
  if (flags.json) {
    world.out << as_json(*verdict);
  } else {
    print(flags, *verdict, world);
  }
  return is_whole(*verdict) ? kSuccess : kFailed;
}

}  // namespace

void add_audit(CLI::App& root, Action& action) {
  CLI::App* audit = root.add_subcommand("audit", "Verifies the audit log.");
  audit->require_subcommand(1);
  audit->footer("Example:\n  offloader audit verify /var/log/offloader/audit.log");
  CLI::App* command = add_command(
      *audit, "verify",
      "Finds the first line of the audit log that was changed, added or removed. Needs the server's "
      "OFFLOADER_SECRET_KEY_BASE.",
      "offloader audit verify audit.log.2 audit.log.1 audit.log\n"
      "offloader audit verify audit.log --last-seq 10000 --json");
  auto flags = std::make_shared<VerifyFlags>();
  command->add_option("FILE", flags->files, "The files of the log, oldest first")->required();
  command
      ->add_option("--last-seq", flags->last_seq,
                   "The seq of a line that the log must have, e.g. last_seq of GET /audit; without it, lines "
                   "removed from the end are not noticed")
      ->type_name("N")
      ->check(whole_number_between(0, std::numeric_limits<std::uint64_t>::max()));
  command->add_flag("--json", flags->json, "Print as JSON");
  command->callback([&action, flags] { action = [flags](World& world) { return verify(*flags, world); }; });
}

}  // namespace offloader::cli
