#include "xml_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "answer_error.h"
#include "conversation.h"
#include "offloader/transport/http_date.h"
#include "offloader/transport/url_encoding.h"
#include "range_reader.h"
#include "s3_listing.h"
#include "store_url.h"

namespace offloader::object_store {
namespace {

constexpr const char* kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::uint64_t kListingPageLimit = 32 << 20;

// S3 answers 400 if the session token has expired. A HEAD has no body with the code, so treat its 400 as a
// refusal, too.
bool refuses_credentials(const transport::HttpResponse& answer) {
  if (answer.status == 401 || answer.status == 403) return true;
  if (answer.status != 400) return false;
  const std::string code = error_code_of(answer.body);
  return code.empty() || code == "ExpiredToken" || code == "InvalidToken" || code == "TokenRefreshRequired";
}

class XmlStore final : public ObjectStore {
 public:
  XmlStore(XmlStoreSettings settings, std::shared_ptr<transport::Retrier> retrier,
           std::shared_ptr<transport::RequestObserver> traffic,
           std::shared_ptr<credentials::CredentialsCache<credentials::AwsKeys>> credentials,
           const Clock& clock)
      : settings_(std::move(settings)),
        retrier_(std::move(retrier)),
        traffic_(std::move(traffic)),
        credentials_(std::move(credentials)),
        clock_(clock) {}

  Result<ObjectInfo> stat(const std::string& url, const Call& call) override {
    const auto parsed = parse_store_url(url);
    if (!parsed) return fail(parsed.error());
    Exchange exchange(*this, "stat", url, call);
    const auto answer = retrier_->perform(
        transport::Attempt{[&] { return exchange.request("HEAD", *parsed, parsed->rest, {}, {}); }},
        exchange.with);
    if (!answer) return fail(answer.error());
    if (answer->status != 200) return answer_error(*answer, exchange.with);
    const auto size = content_length(*answer);
    if (!size) return fail(ErrorCode::unavailable, "the store does not report the object's size", url);
    // Google reports the stored encoding in its own header, because it decompresses for clients that accept
    // no encoding.
    const std::string stored = answer->header("x-goog-stored-content-encoding");
    return ObjectInfo{name_of_key(*parsed, parsed->rest), *size, tag_of(*answer),
                      transport::parse_http_date(answer->header("last-modified")).value_or(SystemTime{}),
                      stored.empty() ? answer->header("content-encoding") : stored};
  }

  Result<std::string> get(const std::string& url, std::uint64_t limit, const Call& call) override {
    const auto parsed = parse_store_url(url);
    if (!parsed) return fail(parsed.error());
    Exchange exchange(*this, "get", url, call);
    return whole_body(retrier_->perform(transport::Attempt{[&]() -> Result<transport::HttpRequest> {
                                          auto request =
                                              exchange.request("GET", *parsed, parsed->rest, {}, {});
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
    const auto build = [&](const std::string& range) {
      std::map<std::string, std::string> headers{{"range", range}};
      if (!expected_tag.empty() && settings_.by_generation)
        headers["x-goog-if-generation-match"] = expected_tag;
      if (!expected_tag.empty() && !settings_.by_generation) headers["if-match"] = "\"" + expected_tag + "\"";
      auto request = exchange.request("GET", *parsed, parsed->rest, {}, std::move(headers));
      // Ask for the stored bytes: Google does not serve ranges of a decompressed object.
      if (request && settings_.by_generation && parsed->rest.ends_with(".gz"))
        request->headers.emplace_back("Accept-Encoding: gzip");
      return request;
    };
    return read_ranges(*retrier_, exchange.with, reads, call.request_limit, expected_tag, build,
                       [this](const transport::HttpResponse& answer) { return tag_of(answer); });
  }

  Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t max_objects,
                                       const Call& call) override {
    const auto parsed = parse_store_url(url);
    if (!parsed) return fail(parsed.error());
    Exchange exchange(*this, "list", url, call);
    std::vector<ObjectInfo> out;
    transport::Query query{{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", parsed->rest}};
    while (true) {
      const auto answer = retrier_->perform(transport::Attempt{[&]() -> Result<transport::HttpRequest> {
                                              auto request = exchange.request("GET", *parsed, {}, query, {});
                                              if (request) request->limit = kListingPageLimit;
                                              return request;
                                            }},
                                            exchange.with);
      if (!answer) return fail(answer.error());
      if (answer->status != 200) return answer_error(*answer, exchange.with);
      auto page = parse_s3_listing(answer->body);
      if (!page) return fail(page.error());
      for (ListedObject& object : page->objects) {
        if (out.size() == max_objects)
          return fail(ErrorCode::too_large, fmt::format("the listing has more than {} objects", max_objects),
                      url);
        out.push_back({name_of_key(*parsed, object.key), object.size,
                       settings_.by_generation ? object.generation : object.etag, object.modified});
      }
      if (page->next.empty()) break;
      if (query["continuation-token"] == page->next) {
        return fail(ErrorCode::unavailable, "the store returned the same page of its listing twice", url);
      }
      query["continuation-token"] = page->next;
    }
    std::sort(out.begin(), out.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.url < b.url; });
    return out;
  }

 private:
  // One call: its transport settings and the credentials that signed its last request.
  struct Exchange {
    Exchange(XmlStore& of, const char* operation, const std::string& url, const Call& call)
        : store(of), with(conversation_of(operation, url, call, *of.traffic_)) {
      with.is_refusal = refuses_credentials;
      with.renew = [this] { return store.credentials_->renew(used, limits()); };
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    [[nodiscard]] credentials::FetchLimits limits() const { return {with.deadline, with.cancel}; }

    Result<transport::HttpRequest> request(const char* method, const StoreUrl& url, const std::string& key,
                                           const transport::Query& query,
                                           std::map<std::string, std::string> headers) {
      auto keys = store.credentials_->get(limits());
      if (!keys) return fail(keys.error());
      used = *keys;
      return store.sign(method, url.authority, key, query, std::move(headers), used);
    }

    XmlStore& store;
    transport::Conversation with;
    std::optional<credentials::AwsKeys> used;
  };

  transport::HttpRequest sign(const char* method, const std::string& bucket, const std::string& key,
                              const transport::Query& query, std::map<std::string, std::string> headers,
                              const std::optional<credentials::AwsKeys>& keys) const {
    const std::size_t authority = settings_.base.find("://") + 3;
    std::string host = settings_.base.substr(authority);
    credentials::SigningRequest signing;
    signing.method = method;
    signing.path = "/" + transport::encode_path(key);
    if (settings_.path_style) {
      signing.path.insert(0, "/" + bucket);
    } else {
      host.insert(0, bucket + ".");
    }
    signing.query = transport::encode_query(query);
    if (keys) {
      const std::string& prefix = settings_.dialect.header_prefix;
      const std::string date = credentials::signing_date(clock_.now());
      signing.headers = headers;
      signing.headers["host"] = host;
      signing.headers[prefix + "date"] = date;
      signing.headers[prefix + "content-sha256"] = kEmptyHash;
      if (!keys->session_token.empty()) signing.headers[prefix + "security-token"] = keys->session_token;
      signing.payload_hash = kEmptyHash;
      headers = signing.headers;
      headers["authorization"] = credentials::authorization(settings_.dialect, {keys->key_id, keys->secret},
                                                            settings_.region, date, signing);
    }
    transport::HttpRequest request;
    request.method = method;
    request.url = settings_.base.substr(0, authority) + host + signing.path +
                  (signing.query.empty() ? "" : "?" + signing.query);
    for (const auto& [name, value] : headers) request.headers.push_back(name + ": " + value);
    return request;
  }

  std::string tag_of(const transport::HttpResponse& answer) const {
    return settings_.by_generation ? answer.header("x-goog-generation")
                                   : unquoted_etag(answer.header("etag"));
  }

  std::string name_of_key(const StoreUrl& url, const std::string& key) const {
    return settings_.scheme + "://" + url.authority + "/" + key;
  }

  const XmlStoreSettings settings_;
  const std::shared_ptr<transport::Retrier> retrier_;
  const std::shared_ptr<transport::RequestObserver> traffic_;
  const std::shared_ptr<credentials::CredentialsCache<credentials::AwsKeys>> credentials_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_xml_store(
    XmlStoreSettings settings, std::shared_ptr<transport::Retrier> retrier,
    std::shared_ptr<transport::RequestObserver> traffic,
    std::shared_ptr<credentials::CredentialsCache<credentials::AwsKeys>> credentials, const Clock& clock) {
  return std::make_unique<XmlStore>(std::move(settings), std::move(retrier), std::move(traffic),
                                    std::move(credentials), clock);
}

}  // namespace offloader::object_store
