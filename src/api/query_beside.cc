#include "query_beside.h"

#include <utility>

namespace offloader::api {

Error query_beside(std::string message, const Error* of_body) {
  auto problems = std::make_shared<std::vector<Problem>>();
  problems->push_back({{}, message});
  if (of_body != nullptr && of_body->code == ErrorCode::invalid_param) {
    if (of_body->problems) {
      problems->insert(problems->end(), of_body->problems->begin(), of_body->problems->end());
    } else {
      problems->push_back({{}, of_body->message});
    }
  }
  constexpr std::size_t kMost = 50;
  if (problems->size() > kMost) problems->resize(kMost);
  return {ErrorCode::invalid_param, std::move(message), {}, std::move(problems)};
}

}  // namespace offloader::api
