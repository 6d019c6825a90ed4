#pragma once

#include <mutex>
#include <string>

#include "offloader/sources/snapshot_source.h"

// What all sources share: calls of a store, and the results of a resolve.
namespace offloader::sources {

[[nodiscard]] object_store::ObjectStore::Call call_of(const CancelFlag* cancel);

// The origins that the files of a manifest at `own` may be of.
[[nodiscard]] object_store::UrlPolicy policy_of(const SourceContext& context, const std::string& own);

// Held while a text of this size is parsed. Parsed JSON takes many times the size of its text: large texts
// are parsed one at a time in the process, so that many of them at once cannot take gigabytes. Parsing takes
// a time linear in the text, so nobody waits long.
[[nodiscard]] std::unique_lock<std::mutex> turn_to_parse(std::size_t bytes);

[[nodiscard]] Resolved failed(Error error);
[[nodiscard]] Resolved rejected(std::string tag, catalog::Findings findings);

[[nodiscard]] std::unique_ptr<SnapshotSource> make_static_manifest(const catalog::Dataset& dataset,
                                                                   SourceContext context);
[[nodiscard]] std::unique_ptr<SnapshotSource> make_databricks_commits(const catalog::Dataset& dataset,
                                                                      SourceContext context);

}  // namespace offloader::sources
