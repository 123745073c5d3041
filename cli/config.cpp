#include "cli/config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/base/toml.h"

namespace rectify::cli {

namespace {

bool is_flag(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string text_of(const Json& value) {
  if (value.is_text()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string list;
  for (std::size_t i = 0; i < value.size(); ++i) list += (i == 0 ? "" : ",") + text_of(value[i]);
  return list;
}

/// What stands behind the equals sign.
std::string value_of(std::string_view text, const std::string& file) {
  const bool toml = text.starts_with('"') || text.starts_with('\'') || text.starts_with('[');
  if (toml) return text_of(parse_toml(concat("value = ", text), file).at("value"));
  return std::string(trim(text.substr(0, text.find('#'))));
}

}  // namespace

std::vector<ConfigLine> read_config(std::istream& in, const std::string& file) {
  std::vector<ConfigLine> lines;
  std::size_t number = 0;
  for (std::string whole; std::getline(in, whole);) {
    ++number;
    const std::string_view line = trim(whole);
    if (line.empty() || line.starts_with('#')) continue;
    const std::string where = concat("'", file, "', line ", number, ": ");
    if (line.starts_with('[')) fail(where, "a config file has no sections such as ", line);
    const std::size_t equals = line.find('=');
    const std::string name(trim(line.substr(0, equals)));
    if (!is_flag(name)) fail(where, "'", name, "' is no name of a flag; a line is name = value");
    if (std::ranges::find(lines, name, &ConfigLine::name) != lines.end())
      fail(where, "'", name, "' is given twice");
    if (equals == line.npos) fail(where, "'", name, "' has no value; a line is name = value");
    try {
      lines.push_back({name, value_of(trim(line.substr(equals + 1)), file)});
    } catch (const Error&) {
      fail(where, "the value of '", name, "' is no number, text in quotes or list in one line");
    }
  }
  return lines;
}

std::vector<std::string> flags_of_config(std::istream& in, const std::string& file,
                                         const std::set<std::string>& typed) {
  std::vector<std::string> flags;
  for (const ConfigLine& line : read_config(in, file))
    if (!typed.contains("--" + line.name)) flags.push_back("--" + line.name + "=" + line.value);
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
