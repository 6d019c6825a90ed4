#include "gcs_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "answer_error.h"
#include "conversation.h"
#include "offloader/base/timestamp.h"
#include "offloader/transport/json_text.h"
#include "offloader/transport/url_encoding.h"
#include "range_reader.h"
#include "store_url.h"

namespace offloader::object_store {
namespace {

constexpr std::uint64_t kListingPageLimit = 32 << 20;

// Parses an `objects` resource. Returns nullopt unless it has a name, a size and a generation.
std::optional<ObjectInfo> parse_object(const nlohmann::json& json, const std::string& bucket) {
  if (!json.is_object()) return std::nullopt;
  ObjectInfo info;
  const std::string name = transport::text_at(json, "name");
  const std::string size = transport::text_at(json, "size");
  info.url = "gs://" + bucket + "/" + name;
  info.tag = transport::text_at(json, "generation");
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), info.size);
  if (name.empty() || size.empty() || info.tag.empty() || error != std::errc() ||
      end != size.data() + size.size()) {
    return std::nullopt;
  }
  info.encoding = transport::text_at(json, "contentEncoding");
  info.modified = parse_iso8601(transport::text_at(json, "updated")).value_or(SystemTime{});
  return info;
}

class GcsStore final : public ObjectStore {
 public:
  GcsStore(std::string base, std::shared_ptr<transport::Retrier> retrier,
           std::shared_ptr<transport::RequestObserver> traffic,
           std::shared_ptr<credentials::CredentialsCache<credentials::BearerToken>> credentials)
      : base_(std::move(base)),
        retrier_(std::move(retrier)),
        traffic_(std::move(traffic)),
        credentials_(std::move(credentials)) {}

  Result<ObjectInfo> stat(const std::string& url, const Call& call) override {
    const auto parsed = parse_store_url(url);
    if (!parsed) return fail(parsed.error());
    Exchange exchange(*this, "stat", url, call);
    const auto answer = retrier_->perform(
        transport::Attempt{[&] { return exchange.request(object_url(*parsed), {}); }}, exchange.with);
    if (!answer) return fail(answer.error());
    if (answer->status != 200) return answer_error(*answer, exchange.with);
    auto info = parse_object(nlohmann::json::parse(answer->body, nullptr, false), parsed->authority);
    if (!info) return fail(ErrorCode::unavailable, "cannot parse the store's description of the object", url);
    return std::move(*info);
  }

  Result<std::string> get(const std::string& url, std::uint64_t limit, const Call& call) override {
    const auto parsed = parse_store_url(url);
    if (!parsed) return fail(parsed.error());
    Exchange exchange(*this, "get", url, call);
    return whole_body(
        retrier_->perform(transport::Attempt{[&]() -> Result<transport::HttpRequest> {
                            auto request = exchange.request(object_url(*parsed), {{"alt", "media"}});
                            if (request) request->limit = limit;
                            return request;
                          }},
                          exchange.with),
        exchange.with);
  }

  Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads,
                         const std::string& expected_tag, const Call& call) override {
    const auto parsed = parse_store_url(url);
    if (!parsed) return fail(parsed.error());
    Exchange exchange(*this, "read", url, call);
    transport::Query query{{"alt", "media"}};
    if (!expected_tag.empty()) query["ifGenerationMatch"] = expected_tag;
    const auto build = [&](const std::string& range) -> Result<transport::HttpRequest> {
      auto request = exchange.request(object_url(*parsed), query);
      if (request) request->headers.push_back("Range: " + range);
      // Ask for the stored bytes: Google does not serve ranges of a decompressed object.
      if (request && parsed->rest.ends_with(".gz")) request->headers.emplace_back("Accept-Encoding: gzip");
      return request;
    };
    return read_ranges(
        *retrier_, exchange.with, reads, call.request_limit, expected_tag, build,
        [](const transport::HttpResponse& answer) { return answer.header("x-goog-generation"); });
  }

  Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t max_objects,
                                       const Call& call) override {
    const auto parsed = parse_store_url(url);
    if (!parsed) return fail(parsed.error());
    Exchange exchange(*this, "list", url, call);
    transport::Query query{{"prefix", parsed->rest},
                           {"fields", "nextPageToken,items(name,size,generation,updated)"}};
    std::vector<ObjectInfo> out;
    while (true) {
      const auto answer = retrier_->perform(transport::Attempt{[&]() -> Result<transport::HttpRequest> {
                                              auto request = exchange.request(bucket_url(*parsed), query);
                                              if (request) request->limit = kListingPageLimit;
                                              return request;
                                            }},
                                            exchange.with);
      if (!answer) return fail(answer.error());
      if (answer->status != 200) return answer_error(*answer, exchange.with);
      const auto page = nlohmann::json::parse(answer->body, nullptr, false);
      if (!page.is_object()) return fail(ErrorCode::unavailable, "cannot parse the store's listing", url);
      for (const auto& item : page.value("items", nlohmann::json::array())) {
        auto info = parse_object(item, parsed->authority);
        if (!info) return fail(ErrorCode::unavailable, "cannot parse the store's listing", url);
        if (out.size() == max_objects)
          return fail(ErrorCode::too_large, fmt::format("the listing has more than {} objects", max_objects),
                      url);
        out.push_back(std::move(*info));
      }
      const std::string next = transport::text_at(page, "nextPageToken");
      if (next.empty()) break;
      if (query["pageToken"] == next)
        return fail(ErrorCode::unavailable, "the store returned the same page of its listing twice", url);
      query["pageToken"] = next;
    }
    std::sort(out.begin(), out.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.url < b.url; });
    return out;
  }

 private:
  struct Exchange {
    Exchange(GcsStore& of, const char* operation, const std::string& url, const Call& call)
        : store(of), with(conversation_of(operation, url, call, *of.traffic_)) {
      with.renew = [this] { return store.credentials_->renew(used, {with.deadline, with.cancel}); };
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    Result<transport::HttpRequest> request(const std::string& url, const transport::Query& query) {
      auto token = store.credentials_->get({with.deadline, with.cancel});
      if (!token) return fail(token.error());
      used = *token;
      transport::HttpRequest out;
      out.url = query.empty() ? url : url + "?" + transport::encode_query(query);
      if (used) out.headers.push_back("Authorization: Bearer " + used->token);
      return out;
    }

    GcsStore& store;
    transport::Conversation with;
    std::optional<credentials::BearerToken> used;
  };

  std::string bucket_url(const StoreUrl& url) const {
    return base_ + "/storage/v1/b/" + transport::encode_component(url.authority) + "/o";
  }
  std::string object_url(const StoreUrl& url) const {
    return bucket_url(url) + "/" + transport::encode_component(url.rest);
  }

  const std::string base_;
  const std::shared_ptr<transport::Retrier> retrier_;
  const std::shared_ptr<transport::RequestObserver> traffic_;
  const std::shared_ptr<credentials::CredentialsCache<credentials::BearerToken>> credentials_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_gcs_store(
    std::string base, std::shared_ptr<transport::Retrier> retrier,
    std::shared_ptr<transport::RequestObserver> traffic,
    std::shared_ptr<credentials::CredentialsCache<credentials::BearerToken>> credentials) {
  return std::make_unique<GcsStore>(std::move(base), std::move(retrier), std::move(traffic),
                                    std::move(credentials));
}

}  // namespace offloader::object_store
