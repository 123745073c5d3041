#include "rectify/base/version.h"

namespace rectify {

const char* const version = RECTIFY_VERSION;

}  // namespace rectify
