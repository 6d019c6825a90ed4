#pragma once

#include <functional>
#include <memory>
#include <string>

#include "offloader/executor/query.h"
#include "offloader/rows/writer.h"

namespace offloader::executor::testing {

// An answer with its rows as JSON.
struct JsonRows : Answered {
  std::string json;
};

// A callback for a job with this writer, which hands on what was written.
inline AnsweredCallback with_json(std::shared_ptr<rows::Writer> writer,
                                  std::function<void(Result<JsonRows>)> then) {
  return [writer = std::move(writer), then = std::move(then)](const Outcome& answered) {
    if (!answered) return then(fail(static_cast<const Error&>(answered.error())));
    then(JsonRows{*answered, writer->take().text});
  };
}

}  // namespace offloader::executor::testing
