#pragma once

#include <mutex>
#include <string>

#include "offloader/sources/snapshot_source.h"

// Helpers shared by all sources. Any thread may call them.
namespace offloader::sources {

[[nodiscard]] object_store::ObjectStore::Call call_of(const CancelFlag* cancel);

// Returns the origins from which the files of the manifest at `own` may be read: the allowed ones and the
// manifest's own.
[[nodiscard]] object_store::UrlPolicy policy_of(const SourceContext& context, const std::string& own);

// Returns a lock to hold while parsing a text of `bytes` bytes. Parsed JSON takes many times the memory of
// its text, so texts over 1 MiB are parsed one at a time in the whole process; smaller texts get an empty
// lock. Parsing takes linear time, so the wait is short.
[[nodiscard]] std::unique_lock<std::mutex> turn_to_parse(std::size_t bytes);

[[nodiscard]] Resolved failed(Error error);
[[nodiscard]] Resolved rejected(std::string tag, catalog::Findings findings);

[[nodiscard]] std::unique_ptr<SnapshotSource> make_static_manifest(const catalog::Dataset& dataset,
                                                                   SourceContext context);
[[nodiscard]] std::unique_ptr<SnapshotSource> make_databricks_commits(const catalog::Dataset& dataset,
                                                                      SourceContext context);

}  // namespace offloader::sources
