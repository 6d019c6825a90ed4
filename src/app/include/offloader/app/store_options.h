#pragma once

#include <functional>
#include <optional>
#include <string>

#include "offloader/object_store/store_options.h"
#include "offloader/settings/settings.h"

namespace offloader::app {

// Returns the options of the object stores. They keep `environment` for the credentials chains.
[[nodiscard]] object_store::StoreOptions store_options(
    const settings::StoreSettings& settings,
    std::function<std::optional<std::string>(const std::string&)> environment);

// As above, from the environment alone, for commands other than the server.
[[nodiscard]] object_store::StoreOptions store_options(
    std::function<std::optional<std::string>(const std::string&)> environment);

}  // namespace offloader::app
