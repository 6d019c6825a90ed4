#include "offloader/query/json_params.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "plain_decimal.h"

namespace offloader::query {
namespace {

constexpr std::size_t kMaxName = 63;  // of an identifier

constexpr const char* kNoObject =
    "the body must be a JSON object of params: strings, numbers, booleans, null, or arrays of those";

// Hands the events of one object of params to JsonParams, and ends the parse at the first mistake.
class ObjectReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override {
    return value([&] { params.null(); });
  }
  bool boolean(bool given) override {
    return value([&] { params.value(given ? "true" : "false"); });
  }
  bool number_integer(number_integer_t given) override {
    return value([&] { params.value(std::to_string(given)); });
  }
  bool number_unsigned(number_unsigned_t given) override {
    return value([&] { params.value(std::to_string(given)); });
  }
  bool number_float(number_float_t, const string_t& text) override {
    return value([&] { params.number(text); });
  }
  bool string(string_t& text) override {
    return value([&] { params.value(std::move(text)); });
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    if (inside_) return value([&] { params.reject(); });
    return inside_ = true;
  }
  bool key(string_t& name) override {
    params.key(std::move(name));
    return !params.failed();
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override {
    return value([&] { params.begin_list(); });
  }
  bool end_array() override {
    params.end_list();
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    constexpr int kNumberOverflow = 406;
    if (inside_ && error.id == kNumberOverflow) params.refuse_number();
    return false;
  }

  JsonParams params;

 private:
  template <typename Add>
  bool value(Add add) {
    if (!inside_) return false;  // the document is not an object
    add();
    return !params.failed();
  }

  bool inside_ = false;
};

}  // namespace

void JsonParams::key(std::string name) {
  if (error_) return;
  if (std::find(names_.begin(), names_.end(), name) != names_.end())
    return refuse(ErrorCode::bad_request, "the object of params has a member twice");
  if (names_.size() == kMaxParams) return refuse(ErrorCode::invalid_param, "too many params");
  names_.push_back(std::move(name));
  has_entry_ = false;
}

// In a list, null would be a value, and params have no such value.
void JsonParams::null() {
  if (in_list_) reject();
}

void JsonParams::number(std::string_view text) {
  value(plain_decimal(text));
}

void JsonParams::refuse_number() {
  refuse(ErrorCode::invalid_param, "a number is outside the range of doubles: send it as a string");
}

void JsonParams::begin_list() {
  if (in_list_) return reject();
  in_list_ = list_is_empty_ = true;
}

void JsonParams::end_list() {
  if (list_is_empty_ && !error_) append({}, SentParam::Form::empty);
  in_list_ = list_is_empty_ = false;
}

void JsonParams::reject() {
  refuse(ErrorCode::bad_request, kNoObject);
}

Result<Params> JsonParams::take() && {
  if (error_) return fail(std::move(*error_));
  return std::move(params_);
}

void JsonParams::value(std::string text) {
  list_is_empty_ = false;
  append(std::move(text), in_list_ ? SentParam::Form::item : SentParam::Form::text);
}

void JsonParams::append(std::string text, SentParam::Form form) {
  if (error_) return;
  if (params_.size() == kMaxValues) return refuse(ErrorCode::invalid_param, "too many values");
  if (text.find('\0') != std::string::npos)
    return refuse(ErrorCode::invalid_param, "a param may not contain NUL");
  // No endpoint declares such a name, so one entry says everything. A copy of it for each value of a list
  // could take thousands of times the memory of the body.
  const std::string& name = names_.back();
  if (std::exchange(has_entry_, true) && name.size() > kMaxName) return;
  params_.push_back({name, std::move(text), form});
}

void JsonParams::refuse(ErrorCode code, std::string_view message) {
  if (error_) return;
  error_ = Error{code, std::string(message), {}};
  params_.clear();
}

Result<Params> decode_json_params(std::string_view body) {
  ObjectReader reader;
  const bool whole = nlohmann::json::sax_parse(body.begin(), body.end(), &reader);
  if (!whole && !reader.params.failed()) reader.params.reject();
  return std::move(reader.params).take();
}

}  // namespace offloader::query
