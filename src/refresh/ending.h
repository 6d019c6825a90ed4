#pragma once

#include <string>
#include <vector>

#include "offloader/catalog/finding.h"
#include "offloader/executor/materialize.h"
#include "offloader/manifest/manifest.h"
#include "offloader/refresh/decision.h"

// How attempts end other than by activation, and how that is told. Pure.
namespace offloader::refresh {

struct Ending {
  Outcome outcome = Outcome::failed;
  std::string error;
  catalog::Findings findings;
};

// A refusal in one line: the first finding with its code, and how many more there are.
[[nodiscard]] std::string summary_of(const catalog::Findings& findings);

// What a log may say of findings in data: their codes and places, and none of the values that their messages
// quote. The first few, and how many there are.
[[nodiscard]] std::string codes_of(const catalog::Findings& findings);

[[nodiscard]] Ending ending_of(const executor::Refused& failure);

// Of a snapshot of these files whose build ended the process: `failed`, from the second time on `rejected`.
[[nodiscard]] Ending ending_of_death(const DiedBuild& died, const std::vector<manifest::ResolvedFile>& files);

// An ending as it may be shown: findings bounded, a refusal summed up, and no query of a URL, which may be a
// credential.
[[nodiscard]] Ending presentable(Ending ending);

// What is shown of data files: without the query of a signed URL, which is a credential; on disk a `?` is a
// letter of the name.
[[nodiscard]] std::vector<std::string> names_of(const std::vector<manifest::ResolvedFile>& files);

}  // namespace offloader::refresh
