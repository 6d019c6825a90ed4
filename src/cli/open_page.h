#pragma once

#include <string>

namespace offloader::cli {

// Asks the desktop to open a page in a browser, without waiting for it. Returns false if that is impossible.
bool open_page(const std::string& url);

}  // namespace offloader::cli
