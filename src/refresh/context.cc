#include "context.h"

namespace offloader::refresh {

void remove_snapshot(const RefreshContext& context, const std::string& dataset,
                     const snapshot_cache::SnapshotRecord& record) {
  context.folder.forget(dataset, record);
  if (record.loaded()) context.executor.drop(dataset, record.handle);
}

void discard(const RefreshContext& context, const std::string& dataset, const Held& held) {
  if (held.on_disk) context.folder.forget(dataset, held.record);
  if (held.local) held.local->data->retire();
  if (held.remote) held.remote->data->retire();
}

void remove_kept(const RefreshContext& context, const std::string& dataset) {
  (void)context.executor.recover(dataset, {});
  context.folder.remove_dataset(dataset);
}

}  // namespace offloader::refresh
