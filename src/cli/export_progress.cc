#include "export_progress.h"

#include <fmt/format.h>

#include <string>

#include "console.h"

namespace offloader::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenLines{200};

// Formats 1234567 as `1,234,567`.
std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ',');
  }
  return out;
}

}  // namespace

ExportProgress::ExportProgress(const World& world) : world_(world) {
  show_status(world_, "waiting for the first rows");
}

void ExportProgress::show(std::optional<std::uint64_t> rows, std::uint64_t more) {
  constexpr double kMega = 1e6;
  const bool first = bytes_ == 0;
  bytes_ += more;
  const Clock::time_point now = Clock::now();
  if (!first && now - drawn_ < kBetweenLines) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const auto a_second = [&](double count) { return seconds > 0 ? count / seconds : 0; };
  const auto megabytes = static_cast<double>(bytes_) / kMega;
  const std::string line =
      rows ? fmt::format("{} rows, {:.1f} MB, {} rows/s", grouped(*rows), megabytes,
                         grouped(static_cast<std::uint64_t>(a_second(static_cast<double>(*rows)))))
           : fmt::format("{:.1f} MB, {:.1f} MB/s", megabytes, a_second(megabytes));
  show_status(world_, line);
}

void ExportProgress::end() {
  seconds_ = std::chrono::duration<double>(Clock::now() - began_).count();
  end_progress(world_);
}

}  // namespace offloader::cli
