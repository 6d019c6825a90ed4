#include "offloader/base/html_text.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

TEST(EscapeHtml, EscapeHtml_Markup_CannotEndATagOrAnAttribute) {
  EXPECT_EQ(escape_html(R"(<a href="x" title='y'> R&D)"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt; R&amp;D");
  EXPECT_EQ(escape_html("größer"), "größer");
}

}  // namespace
}  // namespace offloader
