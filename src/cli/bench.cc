#include <fstream>
#include <memory>
#include <ostream>
#include <sstream>

#include "command.h"
#include "offloader/base/file.h"
#include "offloader/load/load.h"
#include "offloader/load/report.h"

namespace offloader::cli {
namespace {

constexpr std::uint64_t kMaxRequestsFile = 64U << 20;

struct Flags {
  std::string url;
  std::string key;
  std::string requests;
  std::size_t connections = 16;
  double duration = 10;
  double warm_up = 2;
  double rate = 0;
  double timeout = 5;
  bool json = false;
  std::string csv;
  std::string html;
};

// Reads lines of the form `TARGET [KEY]`, where a target is a path with its query. Ignores empty lines and
// lines that begin with #.
Result<std::vector<load::Request>> read_requests(const std::string& path, const std::string& key) {
  const auto text = read_file(path, kMaxRequestsFile);
  if (!text) return fail(text.error().code, path + ": " + text.error().message);
  std::vector<load::Request> requests;
  std::istringstream lines(*text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line);
    load::Request request;
    std::string more;
    if (!(words >> request.target) || request.target.front() == '#') continue;
    if (!(words >> request.key)) request.key = key;
    if (request.target.front() != '/' || words >> more) {
      return fail(ErrorCode::invalid_param,
                  path + ":" + std::to_string(number) +
                      ": expected a path that begins with /, optionally followed by a key");
    }
    requests.push_back(std::move(request));
  }
  if (requests.empty()) return fail(ErrorCode::invalid_param, path + ": the file has no requests");
  return requests;
}

std::chrono::milliseconds to_milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

// Returns false, after printing a message, if the report cannot be written.
bool write_report(const std::string& path, const std::string& text, World& world) {
  if (path.empty()) return true;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) world.err << "cannot write " << path << "\n";
  return static_cast<bool>(out);
}

int bench(const Flags& flags, World& world) {
  const auto url = load::parse_server_url(flags.url);
  if (!url) {
    world.err << "--url: " << url.error().message << "\n";
    return kUsage;
  }
  load::LoadOptions options;
  const std::string key = flags.key.empty() ? world.environment("OFFLOADER_KEY").value_or("") : flags.key;
  options.host = url->host;
  options.port = url->connect_port();
  options.requests = {{url->target(), key}};
  if (!flags.requests.empty()) {
    auto requests = read_requests(flags.requests, key);
    if (!requests) {
      world.err << "--requests: " << requests.error().message << "\n";
      return kUsage;
    }
    options.requests = std::move(*requests);
  }
  options.connections = flags.connections;
  options.duration = to_milliseconds(flags.duration);
  options.warm_up = to_milliseconds(flags.warm_up);
  options.rate = flags.rate;
  options.timeout = to_milliseconds(flags.timeout);
  const auto report = load::run_load(options);
  if (!report) {
    world.err << report.error().message << "\n";
    return report.error().code == ErrorCode::invalid_param ? kUsage : kFailed;
  }
  world.out << (flags.json ? load::to_json(*report) : load::to_text(*report));
  const bool written = write_report(flags.csv, load::to_csv(*report), world) &&
                       write_report(flags.html, load::to_html(*report), world);
  if (report->failures() > 0) world.err << report->failures() << " requests failed\n";
  if (report->answers == 0) world.err << "the server answered no request\n";
  return written && report->failures() == 0 && report->answers > 0 ? kSuccess : kFailed;
}

}  // namespace

void add_bench(CLI::App& root, Action& action) {
  CLI::App* command = add_command(
      root, "bench", "Sends load to an endpoint and measures throughput and latency.",
      "offloader bench --url 'http://localhost:4000/v1/endpoints/account_totals?from=2026-01-01' --key "
      "$OFFLOADER_KEY "
      "--connections 64 --rate 2000 --html report.html");
  auto flags = std::make_shared<Flags>();
  command->add_option("--url", flags->url, "The URL to request: http://host[:port]/path?query")
      ->type_name("URL")
      ->required();
  command->add_option("--key", flags->key, "The API key; default $OFFLOADER_KEY")->type_name("TOKEN");
  command
      ->add_option("--requests", flags->requests,
                   "A file of requests to send in turn instead of the URL's: one path per line, optionally "
                   "followed by a space and a key")
      ->type_name("FILE");
  command->add_option("--connections", flags->connections, "The number of connections")
      ->type_name("COUNT")
      ->check(whole_number_between(1, 100000))
      ->capture_default_str();
  command->add_option("--duration", flags->duration, "Seconds to measure")
      ->type_name("SECONDS")
      ->check(number_between(0.01, 86400.0))
      ->capture_default_str();
  command->add_option("--warm-up", flags->warm_up, "Seconds of the same load before measuring")
      ->type_name("SECONDS")
      ->check(number_between(0.0, 3600.0))
      ->capture_default_str();
  command
      ->add_option("--rate", flags->rate,
                   "Requests per second, due whether or not the server keeps up, with latency counted from "
                   "when each was due (open loop); with 0, each connection sends its next request as soon as "
                   "the last one is answered (closed loop)")
      ->type_name("RATE")
      ->check(number_between(0.0, 1e7))
      ->capture_default_str();
  command->add_option("--timeout", flags->timeout, "Seconds to wait for an answer")
      ->type_name("SECONDS")
      ->check(number_between(0.01, 3600.0))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print the report as JSON");
  command->add_option("--csv", flags->csv, "Also write latency by percentile to this CSV file")
      ->type_name("FILE");
  command->add_option("--html", flags->html, "Also write a page with charts to this file")->type_name("FILE");
  command->callback([&action, flags] { action = [flags](World& world) { return bench(*flags, world); }; });
}

}  // namespace offloader::cli
