#include "offloader/http/message.h"

#include <algorithm>
#include <iterator>

namespace offloader::http {

std::string_view Request::path() const {
  const std::string_view whole = target();
  return whole.substr(0, whole.find('?'));
}

std::string_view Request::query() const {
  const std::string_view whole = target();
  const std::size_t mark = whole.find('?');
  return mark == std::string_view::npos ? std::string_view() : whole.substr(mark + 1);
}

void Body::append(std::shared_ptr<const std::string> shared) {
  if (!shared || shared->empty()) return;
  size_ += shared->size();
  if (pieces_.empty()) pieces_.reserve(4);
  pieces_.push_back(Piece{std::move(shared), {}});
}

void Body::append(Body body) {
  size_ += body.size_;
  std::move(body.pieces_.begin(), body.pieces_.end(), std::back_inserter(pieces_));
}

void Body::own(std::string text) {
  if (text.empty()) return;
  size_ += text.size();
  if (pieces_.empty()) pieces_.reserve(4);
  pieces_.push_back(Piece{nullptr, std::move(text)});
}

void read_all(RequestBody& body, std::function<void(Result<std::string> body)> done) {
  struct Reading {
    RequestBody& body;
    std::function<void(Result<std::string>)> done;
    std::string text;

    static void go_on(const std::shared_ptr<Reading>& self) {
      self->body.read([self](const RequestBody::Piece& piece) {
        if (!piece) return self->done(fail(piece.error()));
        if (piece->empty()) return self->done(std::move(self->text));
        self->text.append(*piece);
        go_on(self);
      });
    }
  };
  Reading::go_on(std::make_shared<Reading>(Reading{body, std::move(done), {}}));
}

void append_header(std::string& headers, std::string_view name, std::string_view value) {
  headers.append(name);
  headers.append(": ");
  for (const char c : value) {
    if (c != '\r' && c != '\n') headers.push_back(c);
  }
  headers.append("\r\n");
}

}  // namespace offloader::http
