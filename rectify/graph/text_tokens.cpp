#include "rectify/graph/text_tokens.h"

#include <algorithm>

#include "rectify/base/error.h"

namespace rectify::graph {

namespace {

constexpr std::string_view white = " \t\r\n", marks = "|();";

bool is_in(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

/// Where the token that begins at `at` ends. No blank is needed after a value: `%3=add`.
std::size_t end_of_token(std::string_view text, std::size_t at, bool after_value) {
  if (is_in(marks, text[at]) || (after_value && text[at] == '=')) return at + 1;
  const bool value = text[at] == '%';
  std::size_t end = at + 1;
  while (end < text.size() && !is_in(white, text[end]) && !is_in(marks, text[end]) &&
         !(value && text[end] == '='))
    ++end;
  return end;
}

}  // namespace

Tokens::Tokens(std::string_view text, std::size_t from) : text_(text) {
  const std::size_t first = std::min(text.find_first_not_of(white, from), text.size());
  const bool lines = text.substr(first).starts_with('%');
  for (std::size_t at = first; at < text.size();) {
    if (lines && text[at] == '\n') tokens_.push_back({text.substr(at, 1), at});
    if (is_in(white, text[at])) {
      ++at;
      continue;
    }
    const bool after_value = !tokens_.empty() && tokens_.back().is_value();
    const std::size_t end = end_of_token(text, at, after_value);
    tokens_.push_back({text.substr(at, end - at), at});
    at = end;
  }
  tokens_.push_back({{}, text.size()});
}

void Tokens::wrong(const Token& token, const std::string& what) const {
  const std::string_view before = text_.substr(0, token.at);
  const std::size_t start = before.rfind('\n') + 1;  // 0 where there is none
  const std::string line = text_.find('\n') == std::string_view::npos
                               ? ""
                               : concat("line ", std::ranges::count(before, '\n') + 1, ", ");
  fail("model text, ", line, "column ", token.at - start + 1, ", at '",
       token.text.empty()   ? "end"
       : token.text == "\n" ? "end of line"
                            : token.text,
       "': ", what);
}

}  // namespace rectify::graph
