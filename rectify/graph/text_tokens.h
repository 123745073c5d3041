#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rectify::graph {

/// A word or a mark of a model's text. The token at the end of the text is empty; at the end of a
/// line it is "\n".
struct Token {
  std::string_view text;
  std::size_t at;  ///< its position in the text, from 0

  /// Whether the token ends an item: `|`, `;`, a bracket, the end of a line, or the end of the
  /// text.
  bool is_mark() const {
    return text.empty() || std::string_view("|();\n").find(text[0]) != std::string_view::npos;
  }
  bool ends_line() const { return text.empty() || text == ";" || text == "\n"; }
  /// Whether the token is a value of the line form, such as %3.
  bool is_value() const { return text.starts_with('%'); }
};

/// The tokens of a model's text, read one after the other. A text that begins with a value is in
/// line form: there the end of a line is a token. In other texts it is white space.
class Tokens {
 public:
  /// Reads `text` from the position `from` on; `text` must outlive the tokens.
  Tokens(std::string_view text, std::size_t from);

  const Token& peek() const { return tokens_[next_]; }
  /// Returns the next token and goes on to the one after it. The end of the text is returned again
  /// and again.
  Token take() { return tokens_[peek().text.empty() ? next_ : next_++]; }

  std::size_t position() const { return next_; }
  void go_back(std::size_t position) { next_ = position; }

  /// Throws Error, which points at `token`.
  [[noreturn]] void wrong(const Token& token, const std::string& what) const;

 private:
  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

}  // namespace rectify::graph
