#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::app {

// A request that a document shows, and the answer that it prints.
struct Exchange {
  int line = 0;  // of the request in the document
  std::string method;
  std::string target;
  std::vector<std::string> headers{};  // whole lines, as sent
  std::string body{};
  int status = 200;
  std::map<std::string, std::string> answer_headers{};  // lower-case names
  std::string answer{};                                 // empty: not printed
  bool csv = false;                                     // the answer is CSV, with CRLF; otherwise JSON
};

// The fences between two headings of the third level.
struct Recipe {
  std::string name;                            // the heading
  std::map<std::string, std::string> files{};  // of a project, by path
  std::string commands{};                      // for a shell, in the project's folder
  std::vector<Exchange> exchanges{};
};

struct Cookbook {
  std::vector<Recipe> recipes;
  std::string problem;  // why the document cannot be read; empty if it can
};

// Reads the recipes of a Markdown document below the heading `## {part}`, to the next heading of that level.
// Every fence there means something:
//
//   ```yaml PATH, ```csv PATH   a file of the project
//   ```sh                       commands
//   ```http                     a request (its headers, an empty line and its body may follow), or, if it
//                               begins with `HTTP/1.1 STATUS`, the status and headers of the last answer
//   ```json, ```csv             the body of the last answer; lines of CSV end in CRLF there
[[nodiscard]] Cookbook read_cookbook(std::string_view markdown, std::string_view part);

// Compares a body with a printed one, in which spaces and line ends outside strings mean nothing and `…`
// stands for what differs from answer to answer:
//
//   "key": "…"    any value
//   "…": "…"      any further members, as the last one of an object
//
// Everything else must be the same, including the order of members and every digit of a number. Returns the
// first difference, or "".
[[nodiscard]] std::string difference(std::string_view printed, std::string_view body);

}  // namespace offloader::app
