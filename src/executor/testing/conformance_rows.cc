#include <algorithm>

#include "conformance_scene.h"
#include "offloader/rows/json_writer.h"

// Tests of executors that load and return rows.
namespace offloader::executor::testing {
namespace {

constexpr const char* kRows = "id,name\n2,b\n1,\"say \"\"hi\"\"\"\n3,\n";
constexpr const char* kSortedRows =
    R"([{"id":1,"name":"say \"hi\""},{"id":2,"name":"b"},{"id":3,"name":null}])";

void a_plan_is_answered_by_one_of_the_parts(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kRows);
  ASSERT_TRUE(made) << made.error().error.detail;
  EXPECT_EQ(made->rows, 3);
  const auto snapshot = scene.attach(*made);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ((*snapshot)->rows(), 3);
  const auto answer = scene.run(scene.everything(), *snapshot);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->json, kSortedRows);
  EXPECT_EQ(answer->row_count, 3);
  EXPECT_FALSE(answer->has_more);
  EXPECT_NE(std::ranges::find(scene.executor->parts(), answer->by), scene.executor->parts().end())
      << answer->by;
}

void a_page_tells_that_there_is_more(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kRows);
  ASSERT_TRUE(made);
  const auto snapshot = scene.attach(*made);
  ASSERT_TRUE(snapshot);
  auto page = scene.everything();
  page.limit = 1;
  page.offset = 1;
  const auto answer = scene.run(page, *snapshot);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->json, R"([{"id":2,"name":"b"}])");
  EXPECT_TRUE(answer->has_more);
}

void what_is_answered_at_once_is_what_run_answers(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kRows);
  ASSERT_TRUE(made);
  const auto snapshot = scene.attach(*made);
  ASSERT_TRUE(snapshot);
  rows::JsonWriter writer;
  const auto plan = scene.everything();
  EXPECT_FALSE(scene.executor->answer_at_once(plan, nullptr, writer)) << "there is no snapshot";
  const auto answered = scene.executor->answer_at_once(plan, snapshot->get(), writer);
  if (!answered) return;  // executors may leave any query to run()
  ASSERT_TRUE(*answered);
  EXPECT_EQ(writer.take().text, kSortedRows);
}

void the_fingerprint_is_of_the_rows_alone(Scene& scene) {
  const auto fingerprint = [&](const std::string& name, const std::string& csv) {
    const auto made = scene.materialize(name, csv);
    EXPECT_TRUE(made);
    if (!made) return std::string();
    const auto snapshot = scene.attach(*made);
    EXPECT_TRUE(snapshot);
    if (snapshot) {
      EXPECT_EQ((*snapshot)->fingerprint(), made->fingerprint);
    }
    return made->fingerprint;
  };
  const std::string of_rows = fingerprint("s1.b1", kRows);
  // The same for every executor: computed by executor/fingerprint.h.
  EXPECT_EQ(of_rows, "fd304a9259740278b7f7fadd1329bac5");
  EXPECT_EQ(fingerprint("s2.b2", "name,id\n,3\nb,2\n\"say \"\"hi\"\"\",1\n"), of_rows) << "in another order";
  EXPECT_NE(fingerprint("s3.b3", "id,name\n2,b\n1,\"say \"\"hi\"\"\"\n3,\"\"\n"), of_rows)
      << "empty, not null";
  EXPECT_NE(fingerprint("s4.b4", std::string(kRows) + "2,b\n"), of_rows) << "a row twice";
}

void refused_data_comes_with_findings_and_leaves_nothing(Scene& scene) {
  const auto made = scene.materialize("s1.b1", "id,name\n1,a\nx,b\n");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error.code, ErrorCode::rejected);
  ASSERT_FALSE(made.error().findings.empty());
  EXPECT_EQ(made.error().findings[0].file, "s1.b1.csv");
  EXPECT_FALSE(scene.executor->attach({.handle = "s1.b1"}, scene.dataset));
}

void another_row_count_than_declared_is_refused(Scene& scene) {
  const auto made = scene.executor->materialize(scene.load("s1.b1", kRows, 4));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error.code, ErrorCode::rejected);
  ASSERT_FALSE(made.error().findings.empty());
  EXPECT_EQ(made.error().findings[0].code, "row_count_mismatch");
}

void a_cancelled_query_is_told_so(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kRows);
  ASSERT_TRUE(made);
  const auto snapshot = scene.attach(*made);
  ASSERT_TRUE(snapshot);
  const auto cancel = std::make_shared<CancelFlag>();
  cancel->cancel();
  const auto answer = scene.run(scene.everything(), *snapshot, cancel);
  if (answer) return;  // a query of microseconds may finish first
  EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
}

void after_stop_a_query_is_refused_and_not_forgotten(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kRows);
  ASSERT_TRUE(made);
  const auto snapshot = scene.attach(*made);
  ASSERT_TRUE(snapshot);
  scene.executor->stop();
  scene.executor->stop();
  const auto answer = scene.run(scene.everything(), *snapshot);
  if (answer) return;
  EXPECT_EQ(answer.error().code, ErrorCode::busy);
}

void a_scan_answers_what_a_load_does(Scene& scene) {
  if (!scene.subject.scans) return;
  const auto request = scene.load("s1.b1", kRows, 3);
  const auto scanned = scene.executor->scan(scene.dataset, request.source, nullptr, nullptr);
  ASSERT_TRUE(scanned) << scanned.error().error.detail;
  EXPECT_TRUE((*scanned)->remote());
  EXPECT_EQ((*scanned)->rows(), 3);
  const auto answer = scene.run(scene.everything(), *scanned);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->json, kSortedRows);
}

}  // namespace

void register_rows(const Subject& subject) {
  register_test(subject, "APlan_IsAnsweredByOneOfTheParts", a_plan_is_answered_by_one_of_the_parts);
  register_test(subject, "APage_TellsThatThereIsMore", a_page_tells_that_there_is_more);
  register_test(subject, "WhatIsAnsweredAtOnce_IsWhatRunAnswers",
                what_is_answered_at_once_is_what_run_answers);
  register_test(subject, "TheFingerprint_IsOfTheRowsAlone", the_fingerprint_is_of_the_rows_alone);
  register_test(subject, "RefusedData_ComesWithFindings_AndLeavesNothing",
                refused_data_comes_with_findings_and_leaves_nothing);
  register_test(subject, "AnotherRowCountThanDeclared_IsRefused", another_row_count_than_declared_is_refused);
  register_test(subject, "ACancelledQuery_IsToldSo", a_cancelled_query_is_told_so);
  register_test(subject, "AfterStop_AQueryIsRefused_AndNotForgotten",
                after_stop_a_query_is_refused_and_not_forgotten);
  register_test(subject, "AScan_AnswersWhatALoadDoes", a_scan_answers_what_a_load_does);
}

}  // namespace offloader::executor::testing
