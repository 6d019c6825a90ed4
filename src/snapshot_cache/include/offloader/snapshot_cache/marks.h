#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/clock.h"

// Marks: facts about a dataset that must survive the loss of its snapshot files. They are the quarantined
// snapshot id, and builds during which the process died (snapshots.md, `{cache_dir}/marks/`). Pure functions
// on plain values; any thread may call them.
namespace offloader::snapshot_cache {

// A build in progress.
struct BuildMark {
  std::string tag;                 // of the build's manifest
  std::vector<std::string> files;  // as the manifest names them
  // A retry of a build that was running when an earlier process died. Only one suspect runs at a time, unless
  // a person forces another.
  bool suspect = false;
};

struct DeathMark {
  std::string tag;
  std::vector<std::string> files;
  int deaths = 0;  // how many builds of `tag` ended the process; 0: only suspected, see DiedBuild
  SystemTime at{};
};

// A building mark that a dead process left behind. `before` is the dataset's earlier death mark.
struct LeftMark {
  std::string dataset;
  BuildMark build;
  std::optional<DeathMark> before;
};
struct JudgedMark {
  std::string dataset;
  DeathMark death;
};
// Decides which of the left builds ended the process. A build that ran alone did; so did every suspect, and
// then the builds beside it are cleared. If several ran and none was a suspect, the cause is unknown, and
// each becomes a suspect. Deaths of the same tag add up. `unreadable`: the number of further builds whose
// marks cannot be read.
[[nodiscard]] std::vector<JudgedMark> judge_left_marks(const std::vector<LeftMark>& left,
                                                       std::size_t unreadable, SystemTime now);

[[nodiscard]] std::string to_json(const BuildMark& mark);
[[nodiscard]] std::string to_json(const DeathMark& mark);
// These return nullopt for anything invalid, including a mark of a newer format.
[[nodiscard]] std::optional<BuildMark> parse_build_mark(std::string_view json);
[[nodiscard]] std::optional<DeathMark> parse_death_mark(std::string_view json);
// Serializes and parses the quarantined snapshot id; parse_quarantine() returns an empty string for anything
// invalid.
[[nodiscard]] std::string quarantine_json(const std::string& snapshot_id);
[[nodiscard]] std::string parse_quarantine(std::string_view json);

}  // namespace offloader::snapshot_cache
