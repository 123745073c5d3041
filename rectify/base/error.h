#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace rectify {

/// What every function of the library throws when its input cannot be used. `what()` is one line
/// that says what is wrong, where, and what to do about it; it carries no "error:" prefix.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Joins its arguments with operator<< into one string; the way error texts are written here.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  (out << ... << parts);
  return std::move(out).str();
}

/// Throws Error with the joined arguments.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw Error(concat(parts...));
}

}  // namespace rectify
