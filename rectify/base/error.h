#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace rectify {

/// The exception that every function of the library throws when it cannot use its input. `what()`
/// is one line that says what is wrong, where, and what to do about it; it has no "error:" prefix.
///
///     try {
///       const auto graph = rectify::graph::parse_model("784 : dense 100 | rleu | dense 10");
///     } catch (const rectify::Error& error) {
///       std::cerr << "error: " << error.what() << '\n';
///     }
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Joins its arguments with operator<< into one string. All error texts of the library are written
/// with it.
///
///     concat("layer ", 3, " has ", 2.5, " of ", 4)  // "layer 3 has 2.5 of 4"
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  (out << ... << parts);
  return std::move(out).str();
}

/// Throws an Error whose text is the joined arguments.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw Error(concat(parts...));
}

}  // namespace rectify
