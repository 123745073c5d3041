#pragma once

#include "rectify/base/error.h"

namespace rectify::lab {

/// Thrown when a StopCallback ended the work. Everything needed to resume is saved.
class Stopped : public Error {
 public:
  using Error::Error;
};

}  // namespace rectify::lab
