#include "rectify/base/machine.h"

#include <fstream>

#include "rectify/base/text.h"

namespace rectify {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name"))
      if (const std::size_t colon = line.find(':'); colon != std::string::npos)
        return std::string(trim(std::string_view(line).substr(colon + 1)));
  return "unknown";
}

}  // namespace rectify
