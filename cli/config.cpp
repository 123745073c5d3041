#include "cli/config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/arguments.h"
#include "rectify/base/error.h"

namespace rectify::cli {

namespace {

bool is_flag(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

std::vector<std::string> flags_of_config(std::istream& in, const std::string& file,
                                         const std::set<std::string>& typed) {
  std::vector<std::string> flags;
  try {
    for (const ConfigLine& line : read_config(in)) {
      if (!line.section.empty()) fail("'", file, "': a config file has no [", line.section, "]");
      if (!is_flag(line.name))
        fail("'", file, "': '", line.name, "' is no name of a flag; a line is name = value");
      if (!typed.contains("--" + line.name)) flags.push_back("--" + line.name + "=" + line.value);
    }
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {  // the standard library's own come through, too
    fail("'", file, "' is no config file: ", error.what());
  }
  return flags;
}

CommandLine expand_config(std::vector<std::string> words) {
  std::string file;
  for (std::size_t i = 0; i < words.size();) {
    if (words[i] == "--config" && i + 1 < words.size()) {
      file = words[i + 1];
      words.erase(words.begin() + static_cast<long>(i), words.begin() + static_cast<long>(i) + 2);
    } else if (words[i].starts_with("--config=")) {
      file = words[i].substr(9);
      words.erase(words.begin() + static_cast<long>(i));
    } else {
      ++i;
    }
  }
  if (file.empty() || words.empty()) return {std::move(words), {}};
  std::set<std::string> typed;
  for (const std::string& word : words) typed.insert(word.substr(0, word.find('=')));
  // Two ways to say which network: the file's does not stand beside the one that is typed.
  if (typed.contains("--model")) typed.insert("--hidden");
  if (typed.contains("--hidden")) typed.insert("--model");
  std::ifstream in(file);
  if (!in || std::filesystem::is_directory(file)) fail("cannot open '", file, "'");
  const std::vector<std::string> from_file = flags_of_config(in, file, typed);
  words.insert(words.begin() + 1, from_file.begin(), from_file.end());
  return {std::move(words), std::move(file)};
}

}  // namespace rectify::cli
