#include <sys/stat.h>

#include "offloader/http/tls.h"
#include "tls_context.h"

namespace offloader::http {
namespace {

// After this time the files are read again although they have not changed, for new ticket keys: whoever
// learns such a key can read the TLS 1.2 sessions that were resumed with it.
constexpr std::chrono::hours kTicketKeys{24};

}  // namespace

Result<std::shared_ptr<TlsCredentials>> TlsCredentials::load(TlsFiles files) {
  std::shared_ptr<TlsCredentials> loaded(new TlsCredentials(std::move(files)));
  if (auto read = loaded->reread(); !read) return fail(std::move(read.error()));
  return loaded;
}

TlsCredentials::Stamp TlsCredentials::stamp() const {
  Stamp out;
  for (const auto* file : {&files_.certificate, &files_.key, &files_.client_ca}) {
    struct stat found {};
    if (file->empty() || ::stat(file->c_str(), &found) != 0) {
      out.push_back(-1);
      continue;
    }
    // A file that is replaced by a renamed one may have the same time, and one that is written in place keeps
    // its number.
    out.insert(out.end(), {static_cast<std::int64_t>(found.st_dev), static_cast<std::int64_t>(found.st_ino),
                           static_cast<std::int64_t>(found.st_size), found.st_mtim.tv_sec,
                           found.st_mtim.tv_nsec, found.st_ctim.tv_sec, found.st_ctim.tv_nsec});
  }
  return out;
}

Result<TlsCredentials::Reread> TlsCredentials::read(Stamp now) {
  seen_ = now;
  tried_ = std::move(now);
  read_at_ = std::chrono::steady_clock::now();
  auto made = TlsContext::make(files_);
  if (!made) return fail(std::move(made.error()));
  const MutexLock lock(current_mutex_);
  current_.swap(*made);  // the last connection of the previous pair frees it
  return Reread::replaced;
}

Result<TlsCredentials::Reread> TlsCredentials::reread_if_changed() {
  Stamp now = stamp();
  if (now == tried_ && std::chrono::steady_clock::now() - read_at_ < kTicketKeys) return Reread::unchanged;
  if (now != seen_) {
    seen_ = std::move(now);
    return Reread::unchanged;
  }
  return read(std::move(now));
}

Result<TlsCredentials::Reread> TlsCredentials::reread() {
  return read(stamp());
}

SystemTime TlsCredentials::expires() const {
  return current()->expires();
}

std::shared_ptr<const TlsContext> TlsCredentials::current() const {
  const MutexLock lock(current_mutex_);
  return current_;
}

}  // namespace offloader::http
