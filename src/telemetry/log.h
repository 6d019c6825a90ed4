#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::telemetry {

// The asynchronous log: lines are made by the caller and handed to spdlog's bounded queue; one thread writes
// them. When the queue is full the oldest line gives way and is counted in offloader_log_dropped_total.
[[nodiscard]] std::unique_ptr<Log> make_async_log(const TelemetryOptions& options, Metrics& metrics);

// Appends one line, without its end: what the log writes (settings.md, "Logs"). Text escapes control
// characters.
void append_line(std::string& out, LogFormat format, SystemTime time, Level level, std::string_view message,
                 std::initializer_list<Field> fields);

// The same, the message and every text having passed the redactor (redact.h).
void append_redacted_line(std::string& out, LogFormat format, SystemTime time, Level level,
                          std::string_view message, std::initializer_list<Field> fields);

}  // namespace offloader::telemetry
