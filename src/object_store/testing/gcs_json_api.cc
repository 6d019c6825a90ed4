#include "gcs_json_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "offloader/transport/testing/dates.h"
#include "offloader/transport/testing/request_text.h"
#include "range_answer.h"

namespace offloader::object_store::testing {
namespace {

constexpr std::string_view kBuckets = "/storage/v1/b/";

// The body quotes the token, as Google's may.
transport::testing::Answer error_answer(const transport::testing::Request& request, int status,
                                        const char* reason) {
  const nlohmann::json body = {
      {"error", {{"code", status}, {"message", reason}, {"sent", request.header("authorization")}}}};
  return transport::testing::text_answer(status, body.dump(), "application/json");
}

nlohmann::json resource(const StoredObject& object, const std::string& bucket) {
  return {{"kind", "storage#object"},
          {"bucket", bucket},
          {"name", object.key},
          {"size", std::to_string(object.bytes->size())},
          {"generation", std::to_string(object.generation)},
          {"etag", object.etag},
          {"updated", transport::testing::iso_date(object.modified)}};
}

}  // namespace

transport::testing::Answer GcsJsonApi::operator()(const transport::testing::Request& request) const {
  const std::string authorization = request.header("authorization");
  const bool bearer = authorization.starts_with("Bearer ");
  if (bearer
          ? book_.judge_token(authorization.substr(7)) != credentials::testing::CredentialBook::Verdict::sound
          : !anonymous_)
    return error_answer(request, 401, "Invalid Credentials");
  const std::string_view rest =
      std::string_view(request.path).substr(std::min(kBuckets.size(), request.path.size()));
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string bucket = transport::testing::percent_decoded(rest.substr(0, slash));
  const std::string_view within = rest.substr(slash);
  if (request.method != "GET" || !contents_.has_bucket(bucket))
    return error_answer(request, 404, "Not Found");
  if (within == "/o") return list(request, bucket);
  if (!within.starts_with("/o/") || within.find('/', 3) != std::string_view::npos)
    return error_answer(request, 404, "Not Found");
  const auto found = contents_.find(bucket, transport::testing::percent_decoded(within.substr(3)));
  if (!found) return error_answer(request, 404, "Not Found");
  if (const std::string wanted = request.param("ifGenerationMatch");
      !wanted.empty() && wanted != std::to_string(found->generation)) {
    return error_answer(request, 412, "Precondition Failed");
  }
  if (request.param("alt") != "media")
    return transport::testing::text_answer(200, resource(*found, bucket).dump(), "application/json");
  transport::testing::Answer answer = range_answer(request, *found);
  answer.headers.emplace_back("x-goog-generation", std::to_string(found->generation));
  answer.headers.emplace_back("ETag", "\"" + found->etag + "\"");
  return answer;
}

transport::testing::Answer GcsJsonApi::list(const transport::testing::Request& request,
                                            const std::string& bucket) const {
  const std::string token = request.param("pageToken");
  auto page = contents_.list(bucket, request.param("prefix"),
                             token.empty() ? ""
                                           : transport::testing::percent_decoded(
                                                 token.substr(std::min<std::size_t>(2, token.size()))),
                             page_size_ + 1);
  nlohmann::json body = {{"kind", "storage#objects"}};
  if (page.size() > page_size_) {
    page.pop_back();
    body["nextPageToken"] = "/+" + transport::testing::percent_encoded(page.back().key, false);
  }
  for (const StoredObject& object : page) body["items"].push_back(resource(object, bucket));
  return transport::testing::text_answer(200, body.dump(), "application/json");
}

}  // namespace offloader::object_store::testing
