#include "dataset_gauges.h"

namespace offloader::refresh {

DatasetGauges::DatasetGauges(telemetry::Metrics& metrics, const std::string& dataset)
    : age(metrics.gauge("offloader_snapshot_age_seconds", "Age of the serving snapshot's watermark.",
                        {{"dataset", dataset}})),
      stale(metrics.gauge("offloader_snapshot_stale", "1 when the serving snapshot is older than it may be.",
                          {{"dataset", dataset}})),
      rows(metrics.gauge("offloader_snapshot_rows", "Rows of the serving snapshot.", {{"dataset", dataset}})),
      bytes(metrics.gauge("offloader_snapshot_bytes", "Bytes of the serving snapshot's file.",
                          {{"dataset", dataset}})),
      indexed(metrics.gauge("offloader_snapshot_indexed",
                            "1 when the serving snapshot's index has what the endpoints ask for; 0 while "
                            "it is missing and being built.",
                            {{"dataset", dataset}})),
      ok(metrics.gauge("offloader_refresh_ok", "1 when the last refresh was ok or unchanged.",
                       {{"dataset", dataset}})),
      reachable(metrics.gauge("offloader_source_reachable",
                              "1 when the last refresh got as far as reading a manifest.",
                              {{"dataset", dataset}})),
      last_success(metrics.gauge("offloader_refresh_last_success_timestamp_seconds",
                                 "When a refresh last was ok or unchanged.", {{"dataset", dataset}})),
      duration(metrics.histogram("offloader_refresh_duration_seconds", "Duration of refreshes.",
                                 {{"dataset", dataset}})) {}

}  // namespace offloader::refresh
