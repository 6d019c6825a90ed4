#pragma once

namespace offloader::admin {

// The style sheet and the script of the page of /docs, embedded in it: it asks nothing of any other host.
extern const char* const kDocsStyle;

// Filters the list, copies snippets, and moves between the tabs of snippets by the arrow keys. Without it
// every snippet shows, one below the other.
extern const char* const kDocsScript;

}  // namespace offloader::admin
