#pragma once

namespace rectify {

/// The version of this library, such as "0.1.0".
extern const char* const version;

}  // namespace rectify
