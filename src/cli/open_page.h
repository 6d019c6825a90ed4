#pragma once

#include <string>

namespace offloader::cli {

// Asks the desktop to show a page. False when there is none to ask; does not wait for the browser.
bool open_page(const std::string& url);

}  // namespace offloader::cli
