#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/clock.h"

// What has to be remembered of a dataset whatever becomes of its snapshot files: the quarantined id, and
// builds that ended with the process (snapshots.md, `{cache_dir}/marks/`).
namespace offloader::snapshot_cache {

// A build that is under way.
struct BuildMark {
  std::string tag;                 // of its manifest
  std::vector<std::string> files;  // as the manifest names them
  // One that ran when the process ended before, tried again while no other of its kind runs.
  bool suspect = false;
};

struct DeathMark {
  std::string tag;
  std::vector<std::string> files;
  int deaths = 0;  // 0: a suspect, see DiedBuild
  SystemTime at{};
};

// What the marks that a process left behind say of each build: one alone, or a suspect, ended the process;
// where several ran and none was a suspect, each becomes one. `before` is what was known of the same dataset.
struct LeftMark {
  std::string dataset;
  BuildMark build;
  std::optional<DeathMark> before;
};
struct JudgedMark {
  std::string dataset;
  DeathMark death;
};
[[nodiscard]] std::vector<JudgedMark> judge_left_marks(const std::vector<LeftMark>& left, SystemTime now);

[[nodiscard]] std::string to_json(const BuildMark& mark);
[[nodiscard]] std::string to_json(const DeathMark& mark);
// Nothing for anything that is not one.
[[nodiscard]] std::optional<BuildMark> parse_build_mark(std::string_view json);
[[nodiscard]] std::optional<DeathMark> parse_death_mark(std::string_view json);
[[nodiscard]] std::string quarantine_json(const std::string& snapshot_id);
[[nodiscard]] std::string parse_quarantine(std::string_view json);  // empty: none

}  // namespace offloader::snapshot_cache
