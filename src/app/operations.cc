#include "operations.h"

#include <unistd.h>

#include <fstream>

#include "offloader/admin/support_bundle.h"

namespace offloader::app {
namespace {

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t used_bytes(const std::filesystem::path& folder) {
  std::uint64_t total = 0;
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(folder, error);
       !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;  // files may disappear meanwhile
    const auto size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
    if (!gone) total += size;
  }
  return total;
}

}  // namespace

admin::Facts ServerOperations::facts() {
  admin::Facts out;
  const auto generation = parts_.publication.latest();
  out.build_version = OFFLOADER_VERSION;
  out.config_version = generation->catalog->config_version;
  out.object_store_mode = generation->catalog->object_store_mode;
  out.started_at = parts_.started_at;
  out.duckdb_ok = parts_.executor.healthy();
  out.duckdb_version = parts_.executor.version();
  const executor::PoolStatus pool = parts_.executor.pool_status();
  out.pool = {pool.connections, pool.busy, pool.waiting, pool.remote_cap};
  std::error_code error;
  const auto space = std::filesystem::space(parts_.cache_dir, error);
  out.cache_dir_free_bytes = error ? 0 : space.available;
  out.cache_dir_used_bytes = used_bytes(parts_.cache_dir);
  out.rss_bytes = resident_bytes();
  out.duckdb_bytes = parts_.executor.memory_bytes();
  out.response_cache_bytes = parts_.cache.bytes();
  out.refresh = parts_.refresher.status();
  return out;
}

bool ServerOperations::refresh(const std::string& dataset, std::function<void(refresh::RefreshReport)> done,
                               const std::string& asked_by) {
  return parts_.refresher.refresh(dataset, std::move(done), asked_by);
}

Result<refresh::RollbackReport> ServerOperations::rollback(const std::string& dataset, bool force,
                                                           const std::string& asked_by) {
  return parts_.refresher.rollback(dataset, force, asked_by);
}

void ServerOperations::reload(std::function<void(refresh::ReloadReport)> done, const std::string& asked_by) {
  parts_.refresher.reload(std::move(done), asked_by);
}

Result<usage::Report> ServerOperations::usage(const usage::Question& question) {
  if (parts_.ledger == nullptr) {
    return fail(ErrorCode::conflict,
                "there is no usage ledger: set OFFLOADER_USAGE_DAYS to the number of days to keep");
  }
  return parts_.ledger->report(question);
}

Result<std::string> ServerOperations::support_bundle() {
  const auto generation = parts_.publication.latest();
  admin::BundleRequest request;
  request.version = OFFLOADER_VERSION;
  request.secrets = parts_.secrets;
  if (generation->catalog->texts)
    admin::add_project(request, *generation->catalog->texts, generation->catalog.get(), parts_.project_root);
  admin::Facts now = facts();
  now.ready = parts_.ready();
  request.artifacts.push_back(
      {"diagnostics.json", admin::without_data_values(admin::diagnostics_text(now)), "this server", {}});
  request.artifacts.push_back({"metrics.txt", parts_.telemetry.metrics().exposition(), "this server", {}});
  return admin::make_support_bundle(request);
}

}  // namespace offloader::app
