#pragma once

namespace rectify {

/// Of this library; the build passes the project's version.
inline constexpr const char* version = RECTIFY_VERSION;

}  // namespace rectify
