#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "offloader/executor/testing/random_project.h"
#include "offloader/jwt/testing/signing_key.h"

namespace offloader::app {

// The callers of a random project: each tenant has a key, and tokens of an issuer. Immutable once
// constructed.
class Callers {
 public:
  // Adds the issuer to the files that model::write_project() has written.
  Callers(const executor::testing::model::Project& project, const std::filesystem::path& root);

  // Returns a header line with which the tenant may call every endpoint: a key's or one of several tokens'.
  [[nodiscard]] std::string authorize(const std::string& tenant,
                                      executor::testing::model::Random& random) const;
  // Returns a header line that must be refused although it names the tenant in some way: the claim is a list,
  // an object or of another spelling, the signature is another's, or the audience is.
  [[nodiscard]] std::string forge(const std::string& tenant, executor::testing::model::Random& random) const;

 private:
  const jwt::testing::SigningKey key_{jwt::Algorithm::es256, "k1"};
  const jwt::testing::SigningKey foreign_{jwt::Algorithm::es256, "k1"};
  std::map<std::string, std::vector<std::string>> tokens_;  // by tenant
};

}  // namespace offloader::app
