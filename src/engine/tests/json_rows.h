#pragma once

#include <functional>
#include <memory>
#include <string>

#include "offloader/engine/engine.h"
#include "offloader/rows/json_writer.h"

namespace offloader::engine {

// An answer with its rows as JSON.
struct JsonRows : executor::Answered {
  std::string json;
};

// A callback for a job with this writer, which hands on what was written.
inline executor::AnsweredCallback with_json(std::shared_ptr<rows::Writer> writer,
                                            std::function<void(Result<JsonRows>)> then) {
  return [writer = std::move(writer), then = std::move(then)](const Result<executor::Answered>& answered) {
    if (!answered) return then(fail(answered.error()));
    then(JsonRows{*answered, writer->take().text});
  };
}

}  // namespace offloader::engine
