#pragma once

#include <memory>

#include "offloader/identity/key_sets.h"
#include "offloader/serving/publication.h"
#include "offloader/settings/settings.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::app {

// Makes the key sets of all issuers, which are fetched with the CA file and the proxy of the stores. Its
// failures, recoveries and changes are logged. `telemetry` must outlive stop().
[[nodiscard]] std::shared_ptr<identity::KeySets> make_key_sets(const settings::Settings& settings,
                                                               telemetry::Telemetry& telemetry);

// Registers offloader_jwks_ok, which has one series for each issuer of the current project. It stays
// registered as long as the returned token lives; the other parts must outlive it.
[[nodiscard]] std::shared_ptr<void> expose_issuer_metrics(telemetry::Metrics& metrics,
                                                          const serving::Publication& publication,
                                                          const identity::KeySets& key_sets);

}  // namespace offloader::app
