#include "cli/columns.h"

#include "rectify/base/text.h"

namespace rectify::cli {

std::string scaled(double value) {
  const char* units[] = {"", " k", " M", " G", " T", " P"};
  int unit = 0;
  for (; value >= 1000 && unit < 5; ++unit) value /= 1000;
  return fixed_text(value, unit == 0 ? 0 : 2) + units[unit];
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string space(text.size() < width ? width - text.size() : 1, ' ');
  return right ? space + text : text + space;
}

std::string wrapped(const std::string& text, const std::string& indent, std::size_t columns) {
  return wrapped(split(text, ' '), indent, columns);
}

std::string wrapped(const std::vector<std::string>& words, const std::string& indent,
                    std::size_t columns) {
  std::string all, line = indent;
  for (const std::string& word : words) {
    if (line.size() > indent.size() && line.size() + 1 + word.size() > columns) {
      all += line + "\n";
      line = indent;
    }
    line += (line.size() > indent.size() ? " " : "") + word;
  }
  return all + line + "\n";
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace rectify::cli
