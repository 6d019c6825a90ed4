#pragma once

namespace offloader::admin {

// The style sheet and the script that are embedded in the page of /docs, so that it loads nothing from
// another host.
extern const char* const kDocsStyle;

// Filters the list, copies snippets, and switches between the snippet tabs with the arrow keys. Without the
// script all snippets are shown one below the other.
extern const char* const kDocsScript;

}  // namespace offloader::admin
