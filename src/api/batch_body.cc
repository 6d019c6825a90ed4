#include "batch_body.h"

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "offloader/query/json_params.h"

namespace offloader::api {
namespace {

constexpr std::size_t kMostProblems = 50;

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Builds the requests from nlohmann's events. A value in a wrong place is skipped with everything in it, so
// that the problems of the other requests are found too.
class BatchReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit BatchReader(std::size_t most) : most_(most) {}

  bool null() override { return scalar(Kind::null, {}); }
  bool boolean(bool value) override { return scalar(Kind::other, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return scalar(Kind::other, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    return scalar(Kind::other, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& text) override { return scalar(Kind::number, text); }
  bool string(string_t& text) override { return scalar(Kind::text, std::move(text)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (skipping_ > 0) return skip();
    if (at_ == At::document) {
      at_ = At::batch;
      return true;
    }
    if (at_ == At::requests) return begin_request();
    if (at_ == At::request && member_ == Member::params) {
      params_ = {};
      at_ = At::params;
      return true;
    }
    return misplaced() && skip();
  }

  bool key(string_t& name) override {
    if (skipping_ > 0) return true;
    if (at_ == At::params) {
      params_.key(std::move(name));
      return true;
    }
    const auto known = std::find_if(kMembers.begin(), kMembers.end(), [&](const Known& member) {
      return member.place == at_ && member.name == name;
    });
    member_ = known == kMembers.end() ? Member::unknown : known->member;
    if (member_ == Member::unknown) {
      problem({}, at_ == At::batch ? "a batch has no member but `requests`"
                                   : "a request of a batch has no members but `id`, `endpoint` and `params`");
    } else if (std::exchange(seen_[static_cast<std::size_t>(member_)], true)) {
      problem(known->name, "a member is given twice");
    }
    return true;
  }

  bool end_object() override {
    if (skipping_ > 0) return leave();
    if (at_ == At::params) {
      end_params();
    } else if (at_ == At::request) {
      if (!seen(Member::endpoint)) problem("endpoint", kEndpoint);
      at_ = At::requests;
    } else if (!seen(Member::requests)) {
      problem("requests", kRequests);
    }
    return true;
  }

  bool start_array(std::size_t) override {
    if (skipping_ > 0) return skip();
    if (at_ == At::batch && member_ == Member::requests) {
      at_ = At::requests;
      return true;
    }
    if (at_ == At::params && !std::exchange(in_list_, true)) {
      params_.begin_list();
      return true;
    }
    return misplaced() && skip();
  }

  bool end_array() override {
    if (skipping_ > 0) return leave();
    if (at_ == At::params) {
      in_list_ = false;
      params_.end_list();
    } else {
      at_ = At::batch;
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  // `whole`: the parser has read the whole document.
  Result<std::vector<BatchedRequest>> take(bool whole) && {
    if (!whole && !stopped_) {
      problems_ = nullptr;
      at_ = At::document;
      problem({}, "the body is not valid JSON");
    }
    if (!problems_) return std::move(requests_);
    std::string first = problems_->front().message;
    return fail(Error{ErrorCode::invalid_param, std::move(first), {}, std::move(problems_)});
  }

 private:
  enum class Kind { null, text, number, other };
  enum class At { document, batch, requests, request, params };
  enum class Member { requests, id, endpoint, params, unknown };
  struct Known {
    At place;
    std::string_view name;
    Member member;
  };
  static constexpr std::array<Known, 4> kMembers = {{{At::batch, "requests", Member::requests},
                                                     {At::request, "id", Member::id},
                                                     {At::request, "endpoint", Member::endpoint},
                                                     {At::request, "params", Member::params}}};
  static constexpr const char* kRequests = "`requests` must be a list of requests";
  static constexpr const char* kEndpoint = "`endpoint` must be the name of an endpoint";

  [[nodiscard]] bool seen(Member member) const { return seen_[static_cast<std::size_t>(member)]; }

  bool skip() {
    ++skipping_;
    return true;
  }
  bool leave() {
    --skipping_;
    return true;
  }
  bool stop(std::string_view member, std::string message, std::vector<std::string> allowed = {}) {
    problem(member, std::move(message), std::move(allowed));
    stopped_ = true;
    return false;
  }

  bool begin_request() {
    if (requests_.size() == most_) {
      at_ = At::batch;
      const std::string most = std::to_string(most_);
      return stop("requests", "a batch may have at most " + most + " requests", {"<= " + most});
    }
    requests_.push_back({{}, {}, query::Params{}});
    seen_ = {true};  // the batch's `requests`
    at_ = At::request;
    return true;
  }

  void end_params() {
    requests_.back().params = std::move(params_).take();
    at_ = At::request;
  }

  bool scalar(Kind kind, std::string text) {
    if (skipping_ > 0) return true;
    if (at_ == At::params) {
      if (kind == Kind::null) {
        params_.null();
      } else if (kind == Kind::number) {
        params_.number(text);
      } else {
        params_.value(std::move(text));
      }
      return true;
    }
    if (at_ != At::request) return misplaced();
    const bool absent = kind == Kind::null && (member_ == Member::id || member_ == Member::params);
    if (absent) return true;
    if (kind == Kind::text && member_ == Member::id && characters_of(text) <= kMaxId) {
      requests_.back().id = std::move(text);
      return true;
    }
    if (kind == Kind::text && member_ == Member::endpoint) {
      requests_.back().endpoint = std::move(text);
      return true;
    }
    return misplaced();
  }

  // Deals with a value that must not be where it is. Returns false if the rest makes no sense.
  bool misplaced() {
    switch (at_) {
      case At::document:
        return stop({}, "the body must be an object with the list `requests`");
      case At::batch:
        if (member_ == Member::requests) problem("requests", kRequests);
        return true;
      case At::requests:
        requests_.push_back({{}, {}, query::Params{}});
        problem({}, "a request of a batch must be an object");
        return requests_.size() < most_ || stop({}, "a request of a batch must be an object");
      case At::request:
        if (member_ == Member::id) problem("id", "`id` must be a string of at most 100 characters");
        if (member_ == Member::endpoint) problem("endpoint", kEndpoint);
        if (member_ != Member::params) return true;
        // The batch is valid, but this request alone would have been a bad request.
        params_ = {};
        params_.reject();
        end_params();
        return true;
      case At::params:
        params_.reject();
        return true;
    }
    return true;
  }

  void problem(std::string_view member, std::string message, std::vector<std::string> allowed = {}) {
    if (!problems_) problems_ = std::make_shared<std::vector<Problem>>();
    if (problems_->size() == kMostProblems) return;
    std::string place;
    if (at_ == At::requests || at_ == At::request)
      place = "requests[" + std::to_string(requests_.size() - 1) + "]";
    if (!member.empty()) place.append(place.empty() ? "" : ".").append(member);
    problems_->push_back({std::move(place), std::move(message), std::move(allowed)});
  }

  const std::size_t most_;
  At at_ = At::document;
  Member member_ = Member::unknown;
  std::array<bool, 4> seen_{};  // by Member
  bool in_list_ = false;        // of a param
  bool stopped_ = false;
  std::size_t skipping_ = 0;  // open objects and lists of the value that is skipped
  query::JsonParams params_;
  std::vector<BatchedRequest> requests_;
  std::shared_ptr<std::vector<Problem>> problems_;
};

}  // namespace

std::size_t bytes_of(const std::vector<BatchedRequest>& requests) {
  std::size_t bytes = requests.size() * sizeof(BatchedRequest);
  for (const BatchedRequest& request : requests) {
    bytes += request.endpoint.size();
    if (!request.params) continue;
    for (const query::SentParam& param : *request.params)
      bytes += sizeof(param) + param.name.size() + param.value.size();
  }
  return bytes;
}

Result<std::vector<BatchedRequest>> read_batch(std::string_view body, std::size_t most) {
  BatchReader reader(most);
  const bool whole = nlohmann::json::sax_parse(body.begin(), body.end(), &reader);
  return std::move(reader).take(whole);
}

}  // namespace offloader::api
