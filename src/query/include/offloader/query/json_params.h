#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/query/params.h"

namespace offloader::query {

// Collects the params of one JSON object from the events of a parser, for documents that contain such objects
// among other things. After the first mistake it ignores what follows, so a parser can go on to the next
// object. Bounded by kMaxParams and kMaxValues. Used by one thread.
class JsonParams {
 public:
  // The events inside the object. Requires: a key before each value that is not in a list.
  void key(std::string name);
  void null();
  // A string, `true`, `false`, or the digits of an integer.
  void value(std::string text);
  // Any other number, as it is written in the document.
  void number(std::string_view text);
  // A number that the parser cannot tell.
  void refuse_number();
  void begin_list();
  void end_list();
  // A value that no param can have, such as an object. Its own events must not follow.
  void reject();

  // Returns the params. Errors: those of decode_json_params() except for text that is not JSON.
  [[nodiscard]] Result<Params> take() &&;
  [[nodiscard]] bool failed() const { return error_.has_value(); }

 private:
  void append(std::string text, SentParam::Form form);
  void refuse(ErrorCode code, std::string_view message);

  Params params_;
  std::vector<std::string> names_;  // of all members so far, those that are null included
  bool has_entry_ = false;          // the last of them has one
  bool in_list_ = false;
  bool list_is_empty_ = false;
  std::optional<Error> error_;
};

}  // namespace offloader::query
