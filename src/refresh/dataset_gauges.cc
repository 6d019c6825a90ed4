#include "dataset_gauges.h"

namespace offloader::refresh {

DatasetGauges::DatasetGauges(telemetry::Metrics& metrics, const std::string& dataset)
    : age(metrics.gauge("offloader_snapshot_age_seconds", "Age of the serving snapshot's watermark.",
                        {{"dataset", dataset}})),
      stale(metrics.gauge("offloader_snapshot_stale",
                          "1 if the serving snapshot is older than its endpoints allow.",
                          {{"dataset", dataset}})),
      rows(metrics.gauge("offloader_snapshot_rows", "Rows of the serving snapshot.", {{"dataset", dataset}})),
      bytes(metrics.gauge("offloader_snapshot_bytes", "Bytes of the serving snapshot's file.",
                          {{"dataset", dataset}})),
      indexed(metrics.gauge("offloader_snapshot_indexed",
                            "1 if the serving snapshot's index has what the endpoints need; 0 while it is "
                            "missing.",
                            {{"dataset", dataset}})),
      ok(metrics.gauge("offloader_refresh_ok", "1 if the last refresh was ok or unchanged.",
                       {{"dataset", dataset}})),
      reachable(metrics.gauge("offloader_source_reachable", "1 if the last refresh could read a manifest.",
                              {{"dataset", dataset}})),
      last_success(metrics.gauge("offloader_refresh_last_success_timestamp_seconds",
                                 "Time of the last refresh that was ok or unchanged.",
                                 {{"dataset", dataset}})),
      duration(metrics.histogram("offloader_refresh_duration_seconds", "Duration of refreshes.",
                                 {{"dataset", dataset}})) {}

}  // namespace offloader::refresh
