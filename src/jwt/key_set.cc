#include "offloader/jwt/key_set.h"

#include "json_object.h"
#include "jwk.h"

namespace offloader::jwt {

Result<KeySet> KeySet::parse(std::string_view text) {
  const auto invalid = [](const char* why) { return fail(ErrorCode::invalid_config, why); };
  if (text.size() > kMaxBytes) return invalid("the key set is larger than 256 KiB");
  const auto root = parse_object(text);
  if (!root) return invalid("the key set is not a JSON object, or names a member twice");
  const auto list = root->find("keys");
  if (list == root->end() || !list->is_array()) return invalid("the key set has no list `keys`");
  if (list->size() > kMaxKeys) return invalid("the key set has more than 100 keys");
  KeySet set;
  for (const nlohmann::json& jwk : *list) {
    if (!jwk.is_object()) return invalid("an item of `keys` is not an object");
    const bool exposed = has_private_member(jwk);
    if (exposed) ++set.exposed_;
    auto key = exposed ? std::nullopt : read_jwk(jwk);
    if (key) {
      set.keys_.push_back(std::move(*key));
    } else {
      ++set.left_out_;
    }
  }
  return set;
}

}  // namespace offloader::jwt
