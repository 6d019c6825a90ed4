#pragma once

#include <string>
#include <vector>

#include "offloader/catalog/finding.h"
#include "offloader/executor/materialize.h"
#include "offloader/manifest/manifest.h"
#include "offloader/refresh/decision.h"

// How attempts end other than by activation, and how that is reported. Pure functions.
namespace offloader::refresh {

struct Ending {
  Outcome outcome = Outcome::failed;
  std::string error;
  catalog::Findings findings;
};

// Returns a rejection in one line: the first error with its code, and how many more there are.
[[nodiscard]] std::string summary_of(const catalog::Findings& findings);

// Returns what a log may contain about findings in data: their codes and places, but not their messages,
// which quote values. Lists the first five, and the total number.
[[nodiscard]] std::string codes_of(const catalog::Findings& findings);

// The ending of a failed build or scan: `rejected` if the data is at fault, else `failed`.
[[nodiscard]] Ending ending_of(const executor::Refused& failure);

// The ending of an attempt that does not build these files because that ended the process before: `failed`
// after one death, `rejected` after more.
[[nodiscard]] Ending ending_of_death(const DiedBuild& died, const std::vector<manifest::ResolvedFile>& files);

// Returns the ending as it may be shown: a bounded number of findings, a summary of a rejection, and no URL
// queries, which may be credentials.
[[nodiscard]] Ending presentable(Ending ending);

// Returns the names of data files as they may be shown: remote ones without the query of a presigned URL,
// which is a credential. In a local name a `?` is an ordinary character.
[[nodiscard]] std::vector<std::string> names_of(const std::vector<manifest::ResolvedFile>& files);

}  // namespace offloader::refresh
