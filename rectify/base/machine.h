#pragma once

#include <cstdint>
#include <string>

namespace rectify {

/// The processor's name as the operating system reports it, such as "Intel(R) Xeon(R) Processor".
std::string processor_name();

/// How many bytes of this program are in memory now; 0 where the operating system does not report
/// it.
std::int64_t resident_bytes();

}  // namespace rectify
