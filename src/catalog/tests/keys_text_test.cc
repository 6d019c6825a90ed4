#include "offloader/catalog/keys_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace offloader::catalog {
namespace {

using testing::HasSubstr;

const std::string kHash(64, 'a');
const std::string kNext(64, 'b');

KeysText parse(const std::string& text, const std::string& name = "keys.yml") {
  auto parsed = KeysText::parse(text, name);
  EXPECT_TRUE(parsed) << text;
  return std::move(*parsed);
}

std::string set(const std::string& text, const std::string& name, const std::string& value,
                const std::string& after = "hash", const std::string& file = "keys.yml") {
  const auto changed = parse(text, file).with_field("one", name, value, after);
  return changed ? *changed : "refused: " + changed.error().message;
}

std::string unset(const std::string& text, const std::string& name, const std::string& file = "keys.yml") {
  const auto changed = parse(text, file).without_field("one", name);
  return changed ? *changed : "refused: " + changed.error().message;
}

const std::string kBlock =
    "# the keys\n"
    "keys:\n"
    "  # the first\n"
    "  - id: one  # an id\n"
    "    hash: \"old\"  # a hash\n"
    "    # before the tenant\n"
    "    tenant: 'it''s'\n"
    "    endpoints: [a, b]\n"
    "    status: active\n"
    "\n"
    "  - {id: two, hash: other, tenant: null, endpoints: [\"*\"], status: active}  # the second\n"
    "# the end\n";

TEST(KeysText, WithField_FieldExists_ReplacesItsValueAlone) {
  const std::string changed = set(kBlock, "status", "revoked");
  std::string expected = kBlock;
  expected.replace(expected.find("active"), 6, "revoked");
  EXPECT_EQ(changed, expected);
}

TEST(KeysText, WithField_QuotedValue_IsReplacedWithItsQuotes) {
  EXPECT_THAT(set(kBlock, "hash", kNext), HasSubstr("    hash: \"" + kNext + "\"  # a hash\n"));
  EXPECT_THAT(set(kBlock, "tenant", "x"), HasSubstr("    tenant: \"x\"\n"));
}

TEST(KeysText, WithField_NewField_FollowsTheOtherAndItsComment) {
  const std::string changed = set(kBlock, "previous_hash", kHash);
  std::string expected = kBlock;
  const std::string line = "    hash: \"old\"  # a hash\n";
  expected.insert(expected.find(line) + line.size(), "    previous_hash: \"" + kHash + "\"\n");
  EXPECT_EQ(changed, expected);
}

TEST(KeysText, WithField_NewFieldOfAFlowMapping_StaysInItsBraces) {
  const auto changed = parse(kBlock).with_field("two", "previous_hash", kHash, "hash");
  ASSERT_TRUE(changed);
  EXPECT_THAT(*changed, HasSubstr("{id: two, hash: other, previous_hash: \"" + kHash + "\", tenant: null"));
  EXPECT_THAT(*changed, HasSubstr("}  # the second\n# the end\n"));
}

TEST(KeysText, WithField_DashOnTheLineOfTheField_IndentsTheNewOne) {
  EXPECT_EQ(set("keys:\n- hash: x\n  id: one", "expires_at", "t"),
            "keys:\n- hash: x\n  expires_at: \"t\"\n  id: one");
  EXPECT_EQ(set("keys:\n- id: one\n  hash: x", "expires_at", "t"),
            "keys:\n- id: one\n  hash: x\n  expires_at: \"t\"");
}

TEST(KeysText, WithoutField_FieldIsThere_UndoesAddingIt) {
  for (const std::string& text :
       {kBlock, std::string("keys:\n- id: one\n  hash: x\n"),
        std::string("keys:\n- {id: one, hash: x, tenant: null}\n"),
        std::string("keys:\n  - {id: one,\n     hash: 'x', # y\n     tenant: z}\n")}) {
    EXPECT_EQ(unset(set(text, "previous_hash", kHash), "previous_hash"), text);
    EXPECT_EQ(unset(text, "previous_hash"), text) << "it is not there";
  }
}

TEST(KeysText, WithoutField_LineWithAComment_KeepsTheComment) {
  EXPECT_EQ(unset("keys:\n- id: one\n  previous_hash: x  # until May\n  status: active\n", "previous_hash"),
            "keys:\n- id: one\n  # until May\n  status: active\n");
}

TEST(KeysText, Edit_UnusualForms_AreRefusedWithTheLine) {
  EXPECT_THAT(set("keys:\n- id: one\n  hash: &h x\n", "hash", "y"), HasSubstr("refused: the key on line 2"));
  EXPECT_THAT(set("keys:\n- id: one\n  hash: >-\n    x\n", "hash", "y"), HasSubstr("refused"));
  EXPECT_THAT(set("keys:\n- id: one\n  hash: \"a\n    b\"\n", "hash", "y"), HasSubstr("refused"));
  for (const char* const text :
       {"keys:\n- id: one\n  ? hash\n  : x\n", "keys:\n- ? hash\n  : x\n  id: one\n"}) {
    EXPECT_THAT(set(text, "hash", "y"), HasSubstr("refused: the key on line 2 has this field in an unusual"));
    EXPECT_THAT(set(text, "previous_hash", "y"), HasSubstr("so edit the file by hand"));
    EXPECT_THAT(unset(text, "hash"), HasSubstr("so edit the file by hand"));
  }
  EXPECT_EQ(set("keys:\n- id: one\n  'hash' : x\n", "hash", "y"), "keys:\n- id: one\n  'hash' : \"y\"\n");
  EXPECT_THAT(unset("keys:\n- previous_hash: x\n  id: one\n", "previous_hash"), HasSubstr("refused"));
  EXPECT_THAT(set("keys:\n- id: two\n", "hash", "y"), HasSubstr("refused: the file has no key"));
  EXPECT_FALSE(KeysText::parse("keys: [", "keys.yml"));
  EXPECT_FALSE(KeysText::parse("[1]\n", "keys.ndjson"));
}

TEST(KeysText, Lines_Edits_ChangeOneLineAlone) {
  const std::string text =
      "{\"id\": \"two\",  \"hash\": \"y\"}\n{\"id\": \"one\", \"hash\": \"x\", \"tenant\": null}\n\n";
  const std::string changed = set(text, "status", "revoked", "hash", "keys.ndjson");
  EXPECT_EQ(changed,
            "{\"id\": \"two\",  \"hash\": \"y\"}\n"
            "{\"id\":\"one\",\"hash\":\"x\",\"tenant\":null,\"status\":\"revoked\"}\n\n");
  EXPECT_THAT(unset(changed, "status", "keys.ndjson"), HasSubstr("\"tenant\":null}\n"));
}

KeysText::Entry entry() {
  return {.id = "yes", .hash = kHash, .tenant = "a \"b\"", .endpoints = {"sales", "*"}};
}

const std::string kAdded =
    "  - id: \"yes\"\n    hash: \"" + kHash +
    "\"\n    tenant: \"a \\\"b\\\"\"\n    endpoints: [sales, \"*\"]\n    status: active\n";

TEST(KeysText, With_AnyFormOfTheList_AppendsTheKey) {
  for (const char* text : {"", "# nothing yet\n", "keys:\n", "keys: []\n", "keys: null\n", "keys: ~",
                           "keys:  Null # none\n# c\n"}) {
    const auto changed = parse(text).with(entry());
    ASSERT_TRUE(changed) << text;
    EXPECT_THAT(*changed, HasSubstr(kAdded)) << text;
    EXPECT_TRUE(parse(*changed).contains("yes")) << *changed;
  }
  EXPECT_EQ(*parse("# a\nkeys: [] # b\n# c\n").with(entry()), "# a\nkeys:  # b\n" + kAdded + "# c\n");
  EXPECT_EQ(*parse("keys: ~ # b\n# c\n").with(entry()), "keys:  # b\n" + kAdded + "# c\n");
  EXPECT_EQ(*parse(kBlock).with(entry()), kBlock + kAdded);
  EXPECT_THAT(*parse("keys:\n- id: one").with(entry()), HasSubstr("keys:\n- id: one\n- id: \"yes\"\n  hash"));
  EXPECT_FALSE(parse("keys: [{id: one}]\n").with(entry()));
}

TEST(KeysText, With_Lines_AppendsALine) {
  KeysText::Entry key = entry();
  key.expires_at = "2030-01-01T00:00:00Z";
  key.allowed_cidrs = {"192.0.2.0/24"};
  EXPECT_EQ(*parse("{\"id\": \"one\"}", "keys.ndjson").with(key),
            "{\"id\": \"one\"}\n{\"id\":\"yes\",\"hash\":\"" + kHash +
                "\",\"tenant\":\"a \\\"b\\\"\",\"endpoints\":[\"sales\",\"*\"],\"status\":\"active\","
                "\"expires_at\":\"2030-01-01T00:00:00Z\",\"allowed_cidrs\":[\"192.0.2.0/24\"]}\n");
}

TEST(KeysText, Edits_FileWithCrlf_KeepItsLineBreaks) {
  const auto crlf = [](std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
      text.insert(at, 1, '\r');
    return text;
  };
  EXPECT_EQ(set(crlf(kBlock), "previous_hash", kHash), crlf(set(kBlock, "previous_hash", kHash)));
  EXPECT_EQ(unset(set(crlf(kBlock), "previous_hash", kHash), "previous_hash"), crlf(kBlock));
  for (const std::string& text : {kBlock, std::string("keys: [] # b\n# c\n"), std::string("# none\n"),
                                  std::string("keys:\n- id: one\n  hash: x")})
    EXPECT_EQ(*parse(crlf(text)).with(entry()), crlf(*parse(text).with(entry()))) << text;
  EXPECT_EQ(set("{\"id\":\"one\"}\r\n", "hash", "x", "id", "keys.ndjson"),
            "{\"id\":\"one\",\"hash\":\"x\"}\r\n");
  EXPECT_THAT(*parse("{\"id\":\"one\"}\r\n", "keys.ndjson").with(entry()), testing::EndsWith("}\r\n"));
}

TEST(KeysText, Edits_FileWithAByteOrderMark_KeepIt) {
  const std::string mark = "\xef\xbb\xbf";
  EXPECT_EQ(set(mark + kBlock, "status", "revoked"), mark + set(kBlock, "status", "revoked"));
  EXPECT_EQ(unset(mark + kBlock, "status"), mark + unset(kBlock, "status"));
  EXPECT_EQ(unset(mark + kBlock, "expires_at"), mark + kBlock);
  for (const std::string& text :
       {kBlock, std::string("keys: []\n# c\n"), std::string("keys:"), std::string()})
    EXPECT_EQ(*parse(mark + text).with(entry()), mark + *parse(text).with(entry())) << text;
  const std::string line = "{\"id\":\"one\"}\n";
  EXPECT_EQ(set(mark + line, "hash", "x", "id", "keys.ndjson"), mark + "{\"id\":\"one\",\"hash\":\"x\"}\n");
  EXPECT_EQ(parse(mark + line, "keys.ndjson").with(entry())->substr(0, 3 + line.size()), mark + line);
}

TEST(CheckKeys, FileOfNoProject_ChecksEverythingButEndpointsAndTenants) {
  const auto checked = check_keys(
      "keys:\n  - {id: a, hash: " + kHash + ", tenant: 7, endpoints: [any], status: active}\n", "keys.yml");
  EXPECT_TRUE(checked.findings.empty()) << to_text(checked.findings);
  ASSERT_EQ(checked.keys.size(), 1U);
  EXPECT_EQ(checked.keys.view(0).tenant, "7");
  EXPECT_TRUE(has_errors(check_keys("keys:\n  - {id: a}\n", "keys.yml").findings));
}

}  // namespace
}  // namespace offloader::catalog
