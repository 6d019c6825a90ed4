#include "issuer_keys.h"

#include <map>
#include <set>
#include <string>

#include "offloader/identity/key_set_fetch.h"
#include "offloader/transport/transport.h"

namespace offloader::app {
namespace {

void log_report(telemetry::Log& log, const identity::KeySets::Report& report) {
  const std::string_view issuer = report.issuer;
  if (report.error) {
    if (!report.first) return;
    log.warning("The key set of an issuer cannot be fetched. Its known keys stay valid for now.",
                {{"issuer", issuer},
                 {"error", std::string_view(report.error->message)},
                 {"detail", std::string_view(report.error->detail)}});
    return;
  }
  if (report.changed != nullptr) {
    log.info("The key set of an issuer was fetched.", {{"issuer", issuer},
                                                       {"keys", report.changed->keys().size()},
                                                       {"left_out", report.changed->left_out()}});
    if (report.changed->exposed() > 0) {
      log.warning("The key set of an issuer contains private or symmetric keys, which are not used.",
                  {{"issuer", issuer}, {"keys", report.changed->exposed()}});
    }
  } else if (report.first) {
    log.info("The key set of an issuer can be fetched again.", {{"issuer", issuer}});
  }
}

}  // namespace

std::shared_ptr<identity::KeySets> make_key_sets(const settings::Settings& settings,
                                                 telemetry::Telemetry& telemetry) {
  const auto transport = transport::make_curl_transport({.ca_file = settings.stores.ca_file,
                                                         .https_proxy = settings.stores.https_proxy,
                                                         .no_proxy = settings.stores.no_proxy});
  telemetry::Log& log = telemetry.log();
  identity::KeySets::Options options;
  options.fetch = [transport](const std::string& url, const std::string& etag, const CancelFlag& cancel) {
    return identity::fetch_key_set(*transport, url, etag, cancel);
  };
  options.max_stale = settings.jwks_max_stale;
  options.report = [&log](const identity::KeySets::Report& report) { log_report(log, report); };
  options.escaped = [&log](std::string_view what) {
    log.error("Fetching a key set caught an exception.", {{"detail", what}});
  };
  return std::make_shared<identity::KeySets>(std::move(options), real_clock());
}

std::shared_ptr<void> expose_issuer_metrics(telemetry::Metrics& metrics,
                                            const serving::Publication& publication,
                                            const identity::KeySets& key_sets) {
  return metrics.on_collect([&, shown = std::set<std::string>()]() mutable {
    std::map<std::string, bool> ok;
    for (const catalog::Issuer& issuer : publication.latest()->catalog->issuers) ok[issuer.id] = true;
    for (const identity::KeySets::Status& status : key_sets.status()) {
      if (const auto found = ok.find(status.issuer); found != ok.end())
        found->second = status.ok.value_or(true);
    }
    for (const auto& [issuer, good] : ok) {
      metrics
          .gauge("offloader_jwks_ok", "1 unless the last fetch of the issuer's key set failed.",
                 {{"issuer", issuer}})
          .set(good ? 1 : 0);
    }
    for (const std::string& issuer : shown) {
      if (!ok.contains(issuer)) metrics.remove("issuer", issuer);
    }
    shown.clear();
    for (const auto& [issuer, good] : ok) shown.insert(issuer);
  });
}

}  // namespace offloader::app
