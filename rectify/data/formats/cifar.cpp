#include "rectify/data/formats/cifar.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/source.h"

namespace rectify::data {

void append_cifar(std::string_view packed, const std::string& name, const CifarFormat& format,
                  Split& split) {
  constexpr std::size_t pixels = 32 * 32;
  const std::size_t record = format.labels + 3 * pixels;
  const std::string content = unpacked(std::string(packed), name);
  if (content.empty()) fail("'", name, "' is empty; download it again");
  if (content.size() % record != 0)
    fail("'", name, "' has ", content.size(), " bytes, which is no whole number of records of ",
         record, "; it is cut off, or not of ", format.name, "'s binary version");
  const std::size_t count = content.size() / record;
  std::size_t to = split.bytes.size();
  split.bytes.resize(to + count * 3 * pixels);
  for (std::size_t i = 0; i < count; ++i) {
    const char* from = content.data() + i * record;
    const int label = static_cast<unsigned char>(from[format.used]);
    from += format.labels;
    if (label >= format.classes)
      fail("'", name, "', record ", i, " has the label ", label, "; ", format.name, " has 0 to ",
           format.classes - 1, ", so the file is damaged or another format");
    split.labels.push_back(label);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel)
      for (std::size_t colour = 0; colour < 3; ++colour)
        split.bytes[to++] = static_cast<std::uint8_t>(from[colour * pixels + pixel]);
  }
  split.count += count;
}

std::vector<std::string> names_in_lines(const std::string& text, std::size_t count) {
  std::vector<std::string> names;
  for (const std::string& line : rectify::split(text, '\n'))
    if (!trim(line).empty()) names.emplace_back(trim(line));
  if (names.size() != count) names.clear();
  return names;
}

}  // namespace rectify::data
