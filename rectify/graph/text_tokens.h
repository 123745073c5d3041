#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rectify::graph {

/// A word or a mark of a model's text; empty at the end, "\n" where a line ends.
struct Token {
  std::string_view text;
  std::size_t at;  ///< where it begins, from 0

  /// Whether it ends an item: `|`, `;`, a bracket, the end of a line or of all.
  bool is_mark() const {
    return text.empty() || std::string_view("|();\n").find(text[0]) != std::string_view::npos;
  }
  bool ends_line() const { return text.empty() || text == ";" || text == "\n"; }
  /// Whether it is a value of the line form, such as %3.
  bool is_value() const { return text.starts_with('%'); }
};

/// The tokens of a model's text, read one after the other. In the line form, which is what begins
/// with a value, the end of a line is a token; elsewhere it is white space.
class Tokens {
 public:
  /// Of `text` from the position `from` on; it must outlive them.
  Tokens(std::string_view text, std::size_t from);

  const Token& peek() const { return tokens_[next_]; }
  /// The end stays.
  Token take() { return tokens_[peek().text.empty() ? next_ : next_++]; }

  std::size_t position() const { return next_; }
  void go_back(std::size_t position) { next_ = position; }

  /// Throws Error that names the place of `token`.
  [[noreturn]] void wrong(const Token& token, const std::string& what) const;

 private:
  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

}  // namespace rectify::graph
