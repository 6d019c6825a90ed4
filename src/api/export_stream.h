#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "exchange.h"
#include "finish.h"
#include "offloader/executor/query.h"
#include "offloader/http/body_stream.h"
#include "offloader/rows/writer.h"
#include "stream_encoder.h"

namespace offloader::api {

// How an export ended. `refused`: by an error before its first row, which was answered as any other.
enum class ExportOutcome : std::uint8_t { complete, client_gone, failed, refused };

// Sends an answer while the executor makes it. The head goes out with the first rows, so that an error before
// them is answered as any other. After that, an answer that does not complete ends its connection without a
// last chunk. It holds what http::BodyStream holds and a piece more; flush() blocks while the client does not
// read. Shared by the executor, which writes, and its callback; one thread at a time.
class ExportStream final : public rows::Writer {
 public:
  // `tag` is the question's part of the ETag. `inner` writes the answer.
  ExportStream(std::shared_ptr<Exchange> exchange, std::string tag, std::unique_ptr<rows::Writer> inner,
               const Finish& finish, const Clock& clock);

  [[nodiscard]] bool may_block() const override { return true; }

  [[nodiscard]] Result<void> begin(const rows::Columns& columns) override;
  [[nodiscard]] Result<void> write(const rows::Batch& batch) override;
  [[nodiscard]] Result<void> flush() override;
  [[nodiscard]] Result<void> finish() override { return inner_->finish(); }
  [[nodiscard]] rows::Page take() override { return {}; }

  // Completes the answer or gives it up, and logs it. Called once, after everything else.
  ExportOutcome end(const executor::Outcome& outcome);

  // Returns how long it has waited for its client.
  [[nodiscard]] std::chrono::nanoseconds waited() const { return waited_; }

  // Returns the head, which is also the answer to a HEAD.
  static http::Response head_of(const Exchange& exchange, const std::string& tag, const Finish& finish,
                                const Clock& clock);

 private:
  // Sends a part of the answer. Errors: `cancelled` if the client is gone.
  [[nodiscard]] Result<void> send(std::string_view text);
  [[nodiscard]] Result<void> open();

  const std::shared_ptr<Exchange> exchange_;
  const std::string tag_;
  const Finish& finish_;
  const Clock& clock_;
  const std::unique_ptr<rows::Writer> inner_;
  std::unique_ptr<StreamEncoder> encoder_;
  std::optional<http::BodyStream> stream_;  // once the head has been sent
  SteadyTime sent_{};                       // the head
  std::size_t bytes_ = 0;                   // sent
  std::chrono::nanoseconds waited_{0};
  std::int64_t rows_ = 0;
};

}  // namespace offloader::api
