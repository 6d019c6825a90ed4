#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "offloader/base/utf8.h"
#include "offloader/query/params.h"

// Decodes arbitrary bytes as a JSON object of params. They must be rejected, or decoded to valid text within
// the limits. A list must be one run of entries, and none that is empty may have a value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using offloader::query::SentParam;
  const std::string body(data, data + size);
  const auto params = offloader::query::decode_json_params(body);
  if (!params) {
    const auto code = params.error().code;
    if (code != offloader::ErrorCode::invalid_param && code != offloader::ErrorCode::bad_request)
      std::abort();
    return 0;
  }
  if (params->size() > offloader::query::kMaxValues) std::abort();
  const SentParam* before = nullptr;
  for (const SentParam& param : *params) {
    for (const std::string& text : {param.name, param.value}) {
      if (!offloader::is_utf8(text)) std::abort();
    }
    if (param.value.find('\0') != std::string::npos) std::abort();
    if (param.form == SentParam::Form::empty && !param.value.empty()) std::abort();
    const bool repeats = before != nullptr && before->name == param.name;
    if (repeats && (param.form != SentParam::Form::item || before->form != SentParam::Form::item))
      std::abort();
    before = &param;
  }
  return 0;
}
