#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"
#include "offloader/base/result.h"

// TLS on a port (identity.md, "TLS"): its certificate, which is replaced while the server runs, and the
// certificates of its clients.
namespace offloader::http {

class TlsContext;

// A client certificate that a port has verified against its certificate authorities. Owned by the connection.
struct ClientCertificate {
  // The alternative names that may identify a caller, in the order of the certificate: `spiffe://…` as it is
  // written, and DNS names in lower case as `dns:…`. May be empty.
  std::vector<std::string> names;
  SystemTime not_after;  // the end of its validity
};

// The files of a port, in PEM. Read again when they change.
struct TlsFiles {
  std::filesystem::path certificate;  // the certificate of the server, then its intermediates
  std::filesystem::path key;          // not encrypted
  std::filesystem::path client_ca;    // authorities of client certificates; empty: none is asked for
  std::string setting;                // prefix of their settings, for messages: `OFFLOADER_API_TLS`
};

// The certificate of a port, shared by the server that listens there and by its owner, who has it reread.
// current() and expires() may be called on any thread, the functions that read files by one thread at a time,
// which must not be an I/O thread. New connections use the newest pair of certificate and key that was
// accepted; connections keep the one that they were made with. Sessions can be resumed only under the
// certificate, key and authorities that they were made with.
class TlsCredentials {
 public:
  // Reads the files. Errors: `invalid_config` with a message that names the setting, if a file cannot be read
  // or parsed, or if the key does not belong to the certificate.
  [[nodiscard]] static Result<std::shared_ptr<TlsCredentials>> load(TlsFiles files);

  enum class Reread { unchanged, replaced };

  // Reads the files again if they have changed and were left alone between two calls, so that a certificate
  // is not paired with the key of its predecessor while both are replaced. Call it about once a second.
  // Errors, once for each change: as load(); the previous pair stays in use.
  [[nodiscard]] Result<Reread> reread_if_changed();
  // Reads the files now, whether they have changed or not.
  [[nodiscard]] Result<Reread> reread();

  // Returns when the certificate, or the first intermediate sent with it, expires.
  [[nodiscard]] SystemTime expires() const;
  [[nodiscard]] const TlsFiles& files() const { return files_; }

  // For connections: the context of the pair in use.
  [[nodiscard]] std::shared_ptr<const TlsContext> current() const;

 private:
  // What stat() says of a file; it changes when the file is written or replaced.
  using Stamp = std::vector<std::int64_t>;

  explicit TlsCredentials(TlsFiles files) : files_(std::move(files)) {}
  [[nodiscard]] Stamp stamp() const;
  [[nodiscard]] Result<Reread> read(Stamp now);

  const TlsFiles files_;
  Stamp seen_;   // by the last call of reread_if_changed()
  Stamp tried_;  // when the files were read last
  std::chrono::steady_clock::time_point read_at_;
  mutable Mutex current_mutex_;
  std::shared_ptr<const TlsContext> current_ OFFLOADER_GUARDED_BY(current_mutex_);
};

}  // namespace offloader::http
