#pragma once

#include <cstdlib>
#include <string_view>

namespace rectify::run::cpu {

/// Whether that variable of the environment says `off`.
inline bool switched_off(const char* variable) {
  const char* const asked = std::getenv(variable);
  return asked && std::string_view(asked) == "off";
}

}  // namespace rectify::run::cpu
