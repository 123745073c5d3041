#pragma once

#include <cstdint>
#include <string>

namespace rectify {

/// The processor's name as the system tells it, such as "Intel(R) Xeon(R) Processor".
std::string processor_name();

/// Bytes of this program that are in memory now; 0 where the system does not tell.
std::int64_t resident_bytes();

}  // namespace rectify
