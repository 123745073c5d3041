#pragma once

#include <string>

namespace rectify {

/// The processor's name as the system tells it, such as "Intel(R) Xeon(R) Processor".
std::string processor_name();

}  // namespace rectify
