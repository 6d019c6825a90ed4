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
  std::string totals{};  // the grand total as a JSON object; empty: none
};

// Returns a callback that passes the writer's output to `then`.
inline AnsweredCallback with_json(std::shared_ptr<rows::Writer> writer,
                                  std::function<void(Result<JsonRows>)> then) {
  return [writer = std::move(writer), then = std::move(then)](const Outcome& answered) {
    if (!answered) return then(fail(static_cast<const Error&>(answered.error())));
    auto [text, room, totals] = writer->take();
    then(JsonRows{*answered, std::move(text), std::move(totals)});
  };
}

}  // namespace offloader::executor::testing
