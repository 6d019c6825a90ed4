#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::telemetry {

// The asynchronous log. The caller's thread formats a line and puts it into spdlog's bounded queue; one
// thread writes the queue to the descriptor. When the queue is full, the oldest line is dropped and counted
// in offloader_log_dropped_total. `metrics` must outlive the log. `busy` if the thread cannot be started.
[[nodiscard]] Result<std::unique_ptr<Log>> make_async_log(const TelemetryOptions& options, Metrics& metrics);

// Appends one line as the log writes it, without the newline (settings.md, "Logs"). Control characters are
// escaped in both formats, so one call never makes two lines.
void append_line(std::string& out, LogFormat format, SystemTime time, Level level, std::string_view message,
                 std::initializer_list<Field> fields);

// As append_line(), but removes secrets from the message and from every text value (redact.h), and the
// queries of URLs.
void append_redacted_line(std::string& out, LogFormat format, SystemTime time, Level level,
                          std::string_view message, std::initializer_list<Field> fields);

}  // namespace offloader::telemetry
